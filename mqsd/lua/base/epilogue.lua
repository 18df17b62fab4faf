
-- What another than a node's owner changes in one of its calls (a claim, an end), the owner finds in todo:<node>.
local function tell_owners()
  for _, o in ipairs(object_order) do
    local n = next(o.dirty) and not o.forgotten and string.match(o.name, '^call:')
      and object('node:' .. o.f.node)
    if n and n.f.owner ~= a.instance then
      sadd(set('todo:' .. o.f.node), o.f.id)
      bells['node ' .. o.f.node] = true
    end
  end
end

-- An instance that makes no claims any more leaves the match to whoever runs what is due.
local function leave_match()
  put(meta, 'left', '1')
  for q in pairs(dirty_queues) do zadd(zset('due'), 'queue:' .. q, now) end
  bells['due'] = true
end

-- What was left so is matched with the rest, or a caller of another queue would pass those who came before.
local function take_left_match()
  if not has(meta.f.left) then return end
  put(meta, 'left', '')
  local due = zset('due')
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', due.key, '-inf', int(now), 'LIMIT', 0, BATCH)) do
    local queue = string.match(member, '^queue:(.*)$')
    if queue then
      zrem(due, member)
      dirty_queues[queue] = true
    end
  end
end

local stream, counters

-- Versions of what is kept on disk: unique in the pool's whole life, and going up with the clock, so that a copy and
-- a Redis that forgot can be compared object by object. `forget`: something is gone, or came back at an old version.
local function config_next()
  put(meta, 'config', math.max(tonumber(meta.f.config or '0') + 1, now))
  if not has(meta.f.born) and meta.f.state == 'ready' then put(meta, 'born', meta.f.config) end
  return tonumber(meta.f.config)
end

local function config_version()
  local forget = false
  for _, o in ipairs(object_order) do
    if o.kept and o.dropped then
      zrem(zset('changed'), o.name)
      forget = true
    elseif o.changed then
      zadd(zset('changed'), o.name, o.version or config_next())
      forget = forget or o.version
    end
  end
  if forget then put(meta, 'forget', config_next()) end
end

-- The last look at types, so that no write below can fail.
local function plan()
  config_version()
  stream = #events > 0 and typed('events', 'stream')
  counters = next(counts) and typed('count', 'hash')
end

local WORDS = 200     -- of one command: Lua's stack has a bound

-- Carries out what is planned. Returns the events, as JSON.
local function commit()
  if #events > 0 or next(counts) then put(meta, 'now', now) end
  for _, o in ipairs(object_order) do
    if o.dropped or o.forgotten then redis.call('DEL', o.key) end
    if o.forgotten then o.dirty = {} end
    local set_, gone = {}, {}
    for field in pairs(o.dirty) do
      local value = o.f[field]
      if value == nil then gone[#gone + 1] = field
      else
        set_[#set_ + 1] = field
        set_[#set_ + 1] = value
      end
    end
    for i = 1, #gone, WORDS do redis.call('HDEL', o.key, unpack(gone, i, math.min(i + WORDS - 1, #gone))) end
    for i = 1, #set_, WORDS do redis.call('HSET', o.key, unpack(set_, i, math.min(i + WORDS - 1, #set_))) end
  end
  for _, z in ipairs(zset_order) do
    for member in pairs(z.rem) do redis.call('ZREM', z.key, member) end
    for member, score in pairs(z.add) do redis.call('ZADD', z.key, int(score), member) end
  end
  for _, s in ipairs(set_order) do
    for member in pairs(s.rem) do redis.call('SREM', s.key, member) end
    for member in pairs(s.add) do redis.call('SADD', s.key, member) end
  end
  for _, s in ipairs(string_order) do
    if s.dirty and s.value then redis.call('SET', s.key, s.value)
    elseif s.dirty then redis.call('DEL', s.key) end
  end
  for field, by in pairs(counts) do
    if by ~= 0 and redis.call('HINCRBY', counters, field, int(by)) == 0 then
      redis.call('HDEL', counters, field)
    end
  end
  local bound = tonumber(a.stream_max or '1000000')
  local told = {}
  for i, e in ipairs(events) do
    told[i] = cjson.encode(e)
    redis.call('XADD', stream, '*', 'json', told[i])
  end
  if stream and redis.call('XLEN', stream) > bound then
    local cut = redis.call('XTRIM', stream, 'MAXLEN', int(bound))
    redis.call('HINCRBY', meta.key, 'trimmed', cut)
  end
  return told
end

local function decide(main)
  begin()
  main()
  if next(dirty_queues) then
    if a.drain then leave_match()
    else
      take_left_match()
      match(dirty_queues)
    end
  end
  tell_owners()
  if next(counts) then drain_step() end
  if reply.call then reply.call = call_view(reply.call) end
  if reply.claims then
    for i, c in ipairs(reply.claims) do reply.claims[i] = call_view(c) end
  end
  local due, at = zfirst(zset('due'))
  if due then reply.due = at - now end
  plan()
  reply.now, reply.state, reply.config = now, meta.f.state, meta.f.config
end

local function run(main, keys, args)
  clear(keys, args)
  local ok, why = pcall(decide, main)
  if not ok then
    if type(why) == 'table' and why.refused then return cjson.encode(why) end
    return cjson.encode({refused = 'script_error', text = tostring(why)})
  end
  local told = commit()
  -- A user whom Redis lets hear and ring no bells only waits for the next look.
  for bell in pairs(bells) do redis.pcall('PUBLISH', base .. 'bell', bell) end
  local text = cjson.encode(reply)
  if #told == 0 then return text end
  return string.sub(text, 1, -2) .. ',"events":[' .. table.concat(told, ',') .. ']}'
end

local function register(name, main)
  redis.register_function(LIBRARY .. '_' .. name, function(keys, args) return run(main, keys, args) end)
end
