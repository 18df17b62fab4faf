-- SPDX-License-Identifier: BSD-2-Clause
-- Nodes that take no new callers. The wish is the node's field `drain` (since when, ms) and its name in the set
-- `draining`; `empty` says that it was told to have no calls any more.

local function node_of(name)
  local n = object('node:' .. name)
  if not n.exists then refuse('no_such_node', 'there is no node ' .. name) end
  return n
end

-- A new record.
local function node_begin(n, name)
  put(n, 'name', name)
  put(n, 'state', 'connecting')
  put(n, 'since', now)
  n.exists = true
  sadd(set('nodes'), name)
end

-- One that is in no mqsd.conf: every mqsd learns here how to reach it.
local function node_add(n, row)
  node_begin(n, row.node or row.name)
  for _, key in ipairs({'url', 'user', 'password', 'sip'}) do put(n, key, row[key]) end
  sadd(set('added'), n.f.name)
end

-- Live calls of a node, those of this script counted.
local function node_live(name)
  local live = 0
  for _, state in ipairs({'waiting', 'held', 'ringing', 'talking'}) do
    local field = 'n:' .. name .. ':' .. state
    live = live + tonumber(redis.call('HGET', typed('count', 'hash'), field) or '0') + (counts[field] or 0)
  end
  return math.max(0, live)
end

-- A draining node that has lost its last call is drained: said once, and anew when another call strayed there.
local function drain_step()
  for _, o in ipairs(object_order) do
    local name = string.match(o.name, '^node:(.*)$')
    if name and has(o.f.drain) then
      if node_live(name) > 0 then put(o, 'empty', '')
      elseif not has(o.f.empty) then
        put(o, 'empty', '1')
        event('node_drained', {node = name, took_ms = now - tonumber(o.f.drain)})
      end
    end
  end
end

local function drain_begin(n)
  put(n, 'drain', now)
  put(n, 'empty', '')
  sadd(set('draining'), n.f.name)
  event('node_draining', {node = n.f.name, calls = node_live(n.f.name)})
end

-- For those who look: nil, or `draining`, or `drained` when no call is left.
local function drain_view(n)
  if not has(n.f.drain) then return nil end
  return node_live(n.f.name) > 0 and 'draining' or 'drained'
end
