-- SPDX-License-Identifier: BSD-2-Clause
-- The pool of a script: its clock, its incarnation, its events, its records and who may change them.

-- The pool, its clock and its incarnation. Read under the epilogue's pcall: Redis 7.0 does not survive an
-- error whose value is a table and that nobody catches.
local function begin()
  meta = object('meta')
  local t = redis.call('TIME')
  now = math.max(tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000), tonumber(meta.f.now or '0'))
end

-- A wiped pool may have been opened anew by another instance, under the same server: then its last recovery is
-- not the one that the caller knows of.
local function same_incarnation()
  if meta.f.inc ~= a.inc or has(a.opened) and meta.f.recovering_since ~= a.opened then
    refuse('recover', 'the pool was not opened under this Redis; it recovers first')
  end
end

-- Counters by state, changed only where states change.
local function count(field, by) counts[field] = (counts[field] or 0) + by end

local function event(name, fields)
  fields.event = name
  fields.at = now
  events[#events + 1] = fields
end

local function queue_of(name)
  local q = object('queue:' .. name)
  if not q.exists then refuse('no_such_queue', 'there is no queue ' .. name) end
  return q
end

local function agent_of(name)
  local g = object('agent:' .. name)
  if not g.exists then refuse('no_such_agent', 'there is no agent ' .. name) end
  return g
end

local function call_of(id)
  local c = object('call:' .. id)
  if not c.exists then refuse('no_such_call', 'there is no call ' .. id) end
  return c
end

-- A retry after a lost reply, or a decision made on an older record, is refused and not repeated.
local function expect_version(o, v)
  if has(v) and o.f.v ~= tostring(v) then
    refuse('stale', o.name .. ' is at version ' .. tostring(o.f.v) .. ', not ' .. tostring(v))
  end
end

-- Refuses when the object was changed after the copy of version a.kept was made.
local function expect_kept(o)
  if not has(a.kept) then return end
  local version = redis.call('ZSCORE', typed('changed', 'zset'), o.name)
  if version and tonumber(version) > tonumber(a.kept) then
    refuse('stale', o.name .. ' has been changed since, at ' .. version)
  end
end

-- The node's owner, by its token; another's, an old one or none refuses.
local function expect_owner(node)
  local n = object('node:' .. node)
  if not n.exists or not has(n.f.token) or n.f.token ~= a.token or n.f.inc ~= a.inc then
    refuse('not_owner', 'node ' .. node .. ' is not owned under token ' .. tostring(a.token))
  end
  return n
end
