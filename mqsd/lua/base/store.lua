-- SPDX-License-Identifier: BSD-2-Clause
-- What a script reads of Redis, each key once, and what it plans to write there.

-- Another program's data under our keys is refused, before anything is written.
local function typed(name, want)
  local key = base .. name
  local t = types[key]
  if not t then
    t = redis.call('TYPE', key).ok
    types[key] = t
  end
  if t ~= 'none' and t ~= want then
    refuse('wrong_type', 'Redis key ' .. key .. ' holds a ' .. t .. ' where MQS keeps a ' .. want)
  end
  return key
end

-- What every mqsd keeps a copy of on its disk (mqsd/copy.h): queues, and of agents these fields, their memberships
-- and whether they are logged in. Each change of such an object gets it a version of its own in `changed`.
local kept = {
  queue = true,
  agent = {name = true, address = true, login = true, wrapuptime = true, paused = true, unreachable = true,
    registered = true, misses = true, backoff = true, wrapup_until = true, logout = true},
}

-- Hashes, read once a script. `v` counts the scripts that changed the object.
local function object(name)
  local o = objects[name]
  if o then return o end
  o = {name = name, key = base .. name, f = {}, dirty = {}, kept = kept[string.match(name, '^%a*')]}
  local raw = redis.pcall('HGETALL', o.key)
  if raw.err then
    typed(name, 'hash')
    error(raw.err)
  end
  for i = 1, #raw, 2 do o.f[raw[i]] = raw[i + 1] end
  o.exists = #raw > 0
  objects[name] = o
  object_order[#object_order + 1] = o
  return o
end

-- Of those fields, in that order; false for each that is not set.
local function values(o, fields)
  local list = {}
  for i, field in ipairs(fields) do list[i] = o.f[field] or false end
  return list
end

local function put(o, field, value)     -- nothing and "" are the same, and are stored as no field
  if not has(value) then value = '' end
  if type(value) == 'number' then value = int(value) end
  if (o.f[field] or '') == value then return end
  o.f[field] = value ~= '' and value or nil
  o.dirty[field] = true
  if o.kept and (o.kept == true or o.kept[field]) then o.changed = true end
  if o.of then object(o.of).changed = true end
  if not o.bumped and not o.unversioned then
    o.bumped = true
    o.f.v = int(tonumber(o.f.v or '0') + 1)
    o.dirty.v = true
  end
end

local function drop(o)
  o.f, o.dirty, o.dropped, o.exists = {}, {}, true, false
end

-- Sorted sets, with this script's own additions and removals seen by its reads.
local function zset(name)
  local z = zsets[name]
  if z then return z end
  z = {key = typed(name, 'zset'), add = {}, rem = {}, touched = 0, seen = {}}
  zsets[name] = z
  zset_order[#zset_order + 1] = z
  return z
end

local function ztouch(z, member)
  if not z.seen[member] then
    z.seen[member] = true
    z.touched = z.touched + 1
  end
end

local function zadd(z, member, score)
  ztouch(z, member)
  z.add[member] = score
  z.rem[member] = nil
end

local function zrem(z, member)
  ztouch(z, member)
  z.add[member] = nil
  z.rem[member] = true
end

-- Lowest score, then lowest member, as Redis orders them.
local function zfirst(z)
  local best, score
  local raw = redis.call('ZRANGE', z.key, 0, z.touched, 'WITHSCORES')
  for i = 1, #raw, 2 do
    if not z.seen[raw[i]] then
      best, score = raw[i], tonumber(raw[i + 1])
      break
    end
  end
  for m, s in pairs(z.add) do
    if not best or s < score or (s == score and m < best) then best, score = m, s end
  end
  return best, score
end

-- Plain sets.
local function set(name)
  local s = sets[name]
  if s then return s end
  s = {key = typed(name, 'set'), add = {}, rem = {}}
  sets[name] = s
  set_order[#set_order + 1] = s
  return s
end

local function sadd(s, member) s.add[member] = true; s.rem[member] = nil end
local function srem(s, member) s.rem[member] = true; s.add[member] = nil end
local function shas(s, member)
  if s.add[member] then return true end
  if s.rem[member] then return false end
  return redis.call('SISMEMBER', s.key, member) == 1
end

-- Plain strings.
local function sget(name)
  local s = strings[name]
  if not s then
    local key = typed(name, 'string')
    s = {key = key, value = redis.call('GET', key) or nil}
    strings[name] = s
    string_order[#string_order + 1] = s
  end
  return s.value
end

local function sput(name, value)     -- nil removes it
  sget(name)
  strings[name].value = value
  strings[name].dirty = true
end
