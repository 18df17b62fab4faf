-- SPDX-License-Identifier: BSD-2-Clause
-- The end of a recovery: who is still waited for, and the pool as it was found again.

-- Is there still somebody to wait for before calls are claimed again: an instance that brings back its copy, a node
-- that is not reconciled? One that its owner never settles must not keep the pool from deciding.
local SETTLE = 5000      -- ms that a recovery waits for a node that nobody has reached
local LISTS = 20000      -- ms that it waits for one that is being reconciled: its lists may take 15 s
local function recovery_waits(age)
  if has(meta.f.restoring) and age < LISTS then return true end
  for _, name in ipairs(redis.call('SMEMBERS', typed('nodes', 'set'))) do
    local n = object('node:' .. name)
    if n.f.settled ~= a.inc and age < (n.f.state == 'reconciling' and LISTS or SETTLE) then return true end
  end
  return false
end

local function recovered_agents(last, reason)
  local page = redis.call('ZRANGEBYLEX', typed('agents', 'zset'), '(' .. last, '+', 'LIMIT', 0, BATCH)
  for _, name in ipairs(page) do
    local g = agent_of(name)
    local backoff = tonumber(g.f.backoff or '0') - now
    event('recovered', {agent = name, call = g.f.call, leg = g.f.leg, state = g.f.state, reason = reason,
      backoff_ms = backoff > 0 and backoff or nil})
  end
  return #page, page[BATCH]
end

local function recovered_calls(node, last, reason)
  local page, cursor = calls_behind('on:' .. node, last)
  for _, id in ipairs(page) do
    local c = object('call:' .. id)
    if c.exists and c.f.state ~= 'ended' then
      local leg = call_legs(c)[1] or {agent = c.f.agent, id = c.f.leg}
      call_event('recovered', c, {agent = leg.agent, leg = leg.id, offer = c.f.offer, bridge = c.f.bridge,
        state = c.f.state, ring_ms = leg.dialled and now - leg.dialled or nil, reason = reason})
    end
  end
  return #page, cursor
end

-- One `recovered` event for each agent and live call, about a page a script; meta.told is how far they have come:
-- "last agent", or "node:last call" behind all agents. False while there are more.
local function recovered_page()
  local reason = has(meta.f.wiped) and 'restored' or 'kept'
  local node, last = string.match(meta.f.told or '', '^([^:]*):(.*)$')
  local done, more = 0, nil
  if not node then
    done, more = recovered_agents(meta.f.told or '', reason)
    if more then put(meta, 'told', more); return false end
    node, last = '', ''
  end
  local nodes = redis.call('SMEMBERS', typed('nodes', 'set'))
  table.sort(nodes)
  for _, name in ipairs(nodes) do
    if name >= node then
      if done >= BATCH then put(meta, 'told', name .. ':' .. (name == node and last or '')); return false end
      local n
      n, more = recovered_calls(name, name == node and last or '', reason)
      done = done + n
      if more then put(meta, 'told', name .. ':' .. more); return false end
    end
  end
  put(meta, 'told', '')
  return true
end

-- Ends a recovery that nothing waits for any more, page by page: `recovery` in the reply asks for the next. Then
-- every queue is matched, the first page here; with a `cursor` the caller goes on with match.
local function recovery_step()
  if meta.f.state ~= 'recovering' then return end
  local age = now - tonumber(meta.f.recovering_since or now)
  if recovery_waits(age) then return end
  if not recovered_page() then
    reply.recovery = true
    return
  end
  event('recovery_done', {took_ms = age})
  put(meta, 'state', 'ready')
  match_page()
end
