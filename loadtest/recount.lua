-- SPDX-License-Identifier: BSD-2-Clause
-- Recounts a pool from its records, in one step, and compares with what the scripts keep beside them: indices,
-- counters, the other side of each claim. Reads only. KEYS[1] the pool's prefix; ARGV[1] "blind": somebody made an
-- agent forget a call that goes on, so the call may name an agent that knows nothing of it; ARGV[2] "calls": with
-- what the calls' nodes must show. Reply: JSON {faults = [{rule, text}], left = [key], now, state, last, ...};
-- lists that are empty are absent. Rules are rows of lib/checker.c. It looks at every key: for tests, not for mqsd.
local base, blind = KEYS[1], ARGV[1] == 'blind'
local faults, seen = {}, {}
local rule = 'redis-keys'      -- that faults belong to from here on

local function fault(...)
  local words = {...}
  for i = 1, #words do words[i] = tostring(words[i]) end
  faults[#faults + 1] = {rule = rule, text = table.concat(words, ' ')}
end

local function has(v) return v ~= nil and v ~= '' end

local function hash(name)
  seen[name] = true
  local raw, t = redis.call('HGETALL', base .. name), {}
  for i = 1, #raw, 2 do
    t[raw[i]] = raw[i + 1]
    if raw[i + 1] == '' then fault(name, 'keeps an empty field', raw[i]) end
  end
  return t
end

local function zset(name)
  seen[name] = true
  local raw, t = redis.call('ZRANGE', base .. name, 0, -1, 'WITHSCORES'), {}
  for i = 1, #raw, 2 do t[raw[i]] = tonumber(raw[i + 1]) end
  return t
end

local function set(name)
  seen[name] = true
  local t = {}
  for _, m in ipairs(redis.call('SMEMBERS', base .. name)) do t[m] = true end
  return t
end

-- Both tables have the same keys, and the same values where `values` is set.
local function same(what, is, should, values)
  for k, v in pairs(is) do
    if should[k] == nil then fault(what, 'has', k, 'and should not')
    elseif values and tostring(should[k]) ~= tostring(v) then
      fault(what, 'says', v, 'of', k, 'and should say', should[k])
    end
  end
  for k in pairs(should) do
    if is[k] == nil then fault(what, 'lacks', k) end
  end
end

local meta, count = hash('meta'), {}
local now = tonumber(meta.now)
local t = redis.call('TIME')
local clock = math.max(tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000), now)
local function tally(field) count[field] = (count[field] or 0) + 1 end

seen.events, seen.count, seen.reg = true, true, true      -- reg: Kamailio's words about registrations
local queues, agents, nodes = zset('queues'), zset('agents'), set('nodes')
local calls = {}
for _, key in ipairs(redis.call('KEYS', base .. 'call:*')) do
  local id = string.sub(key, #base + 6)
  calls[id] = hash('call:' .. id)
  if calls[id].id ~= id then fault('call', id, 'says that it is', calls[id].id) end
end

local should = {live = {}, wait = {}, idle = {}, members = {}, on = {}, offers = {}, due = {}, hold = {}}
local function index(kind, name, member, value)
  should[kind][name] = should[kind][name] or {}
  should[kind][name][member] = value
end

-- What the copies on disk are told of.
local changed, objects = zset('changed'), {}
for q in pairs(queues) do objects['queue:' .. q] = true end
for g in pairs(agents) do objects['agent:' .. g] = true end
for name, version in pairs(changed) do
  if version > tonumber(meta.config) then fault(name, 'is of version', version, 'above the pool\'s', meta.config) end
end

-- Calls.
rule = 'redis-calls'
local holds = {}      -- "agent leg" of every channel that a call says an agent is on
for id, c in pairs(calls) do
  local legs = has(c.legs) and cjson.decode(c.legs) or {}
  index('on', c.node, id, tonumber(c.entered))
  if redis.call('GET', base .. 'chan:' .. c.node .. ':' .. c.channel) ~= id then
    fault('channel', c.channel, 'does not lead to its call', id)
  end
  seen['chan:' .. c.node .. ':' .. c.channel] = true
  for _, leg in ipairs(legs) do holds[leg.agent .. ' ' .. leg.id] = id end
  if has(c.leg_open) then holds[c.agent .. ' ' .. c.leg] = id end
  if c.state == 'ended' then
    if not has(c.open) and not has(c.leg_open) and #legs == 0 then fault('call', id, 'is over and not forgotten') end
    if not has(c.reason) then fault('call', id, 'ended without a reason') end
  else
    if not has(c.open) then fault('call', id, 'is', c.state, 'without its caller') end
    tally('q:' .. c.queue .. ':' .. c.state)
    tally('n:' .. c.node .. ':' .. c.state)
    index('live', c.queue, id, tonumber(c.entered))
    if not queues[c.queue] then fault('call', id, 'is in no queue') end
  end
  if c.state == 'waiting' then index('wait', c.queue, id, tonumber(c.score)) end
  if has(c.circuit) then index('hold', c.queue .. ':' .. c.circuit, id,
    tonumber(c.score) + math.floor(tonumber(c.fails or '0') / 5) * 1e13) end
  if has(c.circuit) and c.state ~= 'held' then fault('call', id, 'is', c.state, 'and waits for a circuit') end
  if has(c.doubt) and c.state ~= 'ringing' then fault('call', id, 'is', c.state, 'in doubt') end
  if c.state == 'held' and c.held_reason == 'retry' and not redis.call('ZSCORE', base .. 'due', 'call:' .. id) then
    fault('call', id, 'is held and nothing will release it')
  end
  if c.state == 'ringing' then
    index('offers', c.node, id, true)
    if #legs ~= 1 then fault('call', id, 'rings on', #legs, 'legs') end
    if not has(c.offer) then fault('call', id, 'rings without an offer') end
  elseif c.state ~= 'ended' and #legs > 0 then
    fault('call', id, 'is', c.state, 'and has a leg offered')
  end
  if c.state == 'talking' and not has(c.leg_open) then fault('call', id, 'talks to nobody') end
  if (c.state == 'waiting' or c.state == 'held') and has(c.leg_open) then fault('call', id, c.state, 'with a leg') end
  if (c.state == 'held') ~= has(c.held_reason) and c.state ~= 'ended' and c.state ~= 'talking' then
    fault('call', id, 'is', c.state, 'and its held_reason is', c.held_reason)
  end
end

for _, key in ipairs(redis.call('KEYS', base .. 'sip:*')) do
  local sip = string.sub(key, #base + 5)
  seen['sip:' .. sip] = true
  if (calls[redis.call('GET', key)] or {}).sip ~= sip then fault('Call-ID', sip, 'does not lead to a call of it') end
end

-- The pool's clock is written with events. A backoff that ended since then ends without one: what was done of it shows
-- in `due`.
local function backs_off(name, g)
  local till = tonumber(g.backoff or '0')
  return till > clock or (till > now and redis.call('ZSCORE', base .. 'due', 'agent:' .. name) ~= false)
end

-- Agents, from their side, and then the calls' side of it.
rule = 'redis-agents'
local taken = {}
for name in pairs(agents) do
  local g, of = hash('agent:' .. name), hash('memberof:' .. name)
  local busy = g.state == 'ringing' or g.state == 'talking'
  tally('a:' .. g.state)
  if has(g.paused) then tally('a:paused') end
  if g.suspect == '1' then tally('a:suspect') end
  if g.paused == 'misses' then tally('a:autopaused') end
  if has(g.unreachable) then tally('a:unreachable') end
  if busy ~= has(g.call) or busy ~= has(g.leg) then fault('agent', name, 'is', g.state, 'with call', g.call, g.leg) end
  if busy then
    local c = calls[g.call]
    taken[name .. ' ' .. g.leg] = true
    if holds[name .. ' ' .. g.leg] ~= g.call then fault('agent', name, 'is', g.state, 'on', g.leg, 'and the call knows of no such leg') end
    if c and c.state ~= 'ended' and c.state ~= g.state then fault('agent', name, 'is', g.state, 'but its call', c.state) end
  end
  local free = g.state == 'idle' and not has(g.paused) and g.unreachable ~= '1' and not backs_off(name, g)
  for q, value in pairs(of) do
    local penalty, paused_here = string.match(value, '^(%d+) ?(.*)$')
    if not queues[q] then fault('agent', name, 'is a member of', q, 'which is no queue') end
    index('members', q, name, 0)
    if free and not has(paused_here) then index('idle', q, name, tonumber(penalty) * 1e13 + tonumber(g.idle_since)) end
    if g.state ~= 'logged_out' then tally('q:' .. q .. ':logged_in') end
  end
  if g.state == 'wrapup' then index('due', '', 'agent:' .. name, tonumber(g.wrapup_until))
  elseif g.state == 'idle' and backs_off(name, g) then
    index('due', '', 'agent:' .. name, tonumber(g.backoff))
  end
end
if not blind then
  for key, id in pairs(holds) do
    if not taken[key] then fault('call', id, 'has', key, 'and the agent does not know') end
  end
end

-- Indices. `due` may name a held call, or one that is held no longer: what is popped is looked at again.
rule = 'redis-indices'
local due = zset('due')
for q in pairs(queues) do
  hash('queue:' .. q)
  local wait, idle = zset('wait:' .. q), zset('idle:' .. q)
  same('live:' .. q, zset('live:' .. q), should.live[q] or {}, true)
  same('wait:' .. q, wait, should.wait[q] or {}, true)
  same('members:' .. q, zset('members:' .. q), should.members[q] or {}, true)
  same('idle:' .. q, idle, should.idle[q] or {}, true)
  rule = 'redis-work'
  if meta.state == 'ready' and next(wait) and next(idle) and not due['queue:' .. q] then
    fault('queue', q, 'has', next(wait), 'waiting and', next(idle), 'idle')
  end
  rule = 'redis-indices'
end
local draining, added = {}, set('added')
for n in pairs(added) do
  if not nodes[n] then fault('added has', n, 'which is no node') end
end
for n in pairs(nodes) do
  if has(hash('node:' .. n).drain) then draining[n] = true end
  same('on:' .. n, zset('on:' .. n), should.on[n] or {}, true)
  same('offers:' .. n, set('offers:' .. n), should.offers[n] or {})
  for id in pairs(set('todo:' .. n)) do
    if calls[id] and calls[id].node ~= n then fault('todo of', n, 'has', id, 'which is on', calls[id].node) end
  end
end
same('draining', set('draining'), draining)

-- Circuits: each has what drives it on, and no call waits behind one that is open.
rule = 'redis-circuits'
local circuits, circuit = hash('circuits'), {}
for field, value in pairs(circuits) do
  local name, key = string.match(field, '^(.*)%.(%a+)$')
  circuit[name] = circuit[name] or {}
  circuit[name][key] = value
end
local function open(name) return circuit[name] and circuit[name].state and circuit[name].state ~= 'drain' end
for name, k in pairs(circuit) do
  local at = redis.call('ZSCORE', base .. 'due', 'circuit:' .. name)
  if k.state == 'probe' and (calls[k.probe] or {}).state ~= 'ringing' then fault('circuit', name, 'has no probe') end
  if k.state ~= 'probe' and k.probe then fault('circuit', name, 'is', k.state, 'with a probe') end
  if (k.state == 'shut' or k.state == 'drain' or k.hold or k.wake) and not at then fault('circuit', name, 'is', k.state, 'for ever') end
  if not k.state and (k.since or k.ms or k.at or k.hold or k.wake) then fault('circuit', name, 'is closed and leaves', cjson.encode(k)) end
end
for id, c in pairs(calls) do
  for _, name in ipairs({'*', c.node}) do
    if c.state == 'waiting' and open(name) and not circuit[name].hold then fault('call', id, 'waits on', name, 'which fails') end
  end
  if has(c.circuit) and not (circuit[c.circuit] or {}).state then fault('call', id, 'waits for', c.circuit, 'which is closed') end
end
for key, filed in pairs(should.hold) do
  local q, name = string.match(key, '^([^:]*):(.*)$')
  same('hold:' .. key, zset('hold:' .. key), filed, true)
  local listed, k = zset('heldq:' .. name), circuit[name] or {}
  if not listed[q] then fault('heldq:' .. name, 'lacks', q) end
  if meta.state == 'ready' and k.state == 'ajar' and not k.wake and not due['queue:' .. q] and next(zset('idle:' .. q)) then
    for id in pairs(filed) do
      if nodes[calls[id].node] and redis.call('HGET', base .. 'node:' .. calls[id].node, 'state') == 'up' then
        fault('circuit', name, 'lets one try, queue', q, 'has one and an idle agent')
      end
    end
  end
end
for _, key in ipairs(redis.call('KEYS', base .. 'heldq:*')) do
  local name = string.sub(key, #base + 7)
  seen['heldq:' .. name] = true
  if not (circuit[name] or {}).state then fault(key, 'lists queues of no circuit') end
end

rule = 'redis-indices'
local due_agents = {}
for member, at in pairs(due) do
  local call = string.match(member, '^call:(.*)$')
  if string.match(member, '^agent:') then due_agents[member] = at
  elseif string.match(member, '^circuit:') then
    if not circuit[string.sub(member, 9)] then fault('due has', member, 'which is closed') end
  elseif call and (not calls[call] or calls[call].state == 'ended') then fault('due has', call, 'which is over') end
end
same('changed', changed, objects)
same('due', due_agents, should.due[''] or {}, true)
rule = 'redis-counters'
same('count', hash('count'), count, true)
rule = 'redis-keys'

-- What is gone when every call is over.
local of_calls = {call = true, chan = true, sip = true, on = true, offers = true, wait = true, live = true, todo = true}
local left = {}
for _, key in ipairs(redis.call('KEYS', base .. '*')) do
  local name = string.sub(key, #base + 1)
  if not seen[name] then fault('nobody knows why there is', name) end
  if of_calls[string.match(name, '^(%a+):')] then left[#left + 1] = name end
end
table.sort(left)
table.sort(faults, function(x, y) return x.text < y.text end)

local reply = {now = now, state = meta.state}
if #faults > 0 then reply.faults = faults end
if #left > 0 then reply.left = left end
if ARGV[2] == 'calls' then
  reply.calls, reply.nodes = {}, {}
  for id, c in pairs(calls) do
    local legs = {}
    for _, leg in ipairs(has(c.legs) and cjson.decode(c.legs) or {}) do legs[#legs + 1] = leg.id end
    reply.calls[id] = {state = c.state, node = c.node, channel = c.channel, open = has(c.open), leg = c.leg,
      leg_open = has(c.leg_open), bridge = c.bridge, bridged = has(c.bridged), legs = #legs > 0 and legs or nil}
  end
  for n in pairs(nodes) do reply.nodes[n] = hash('node:' .. n).state end
  local last = redis.call('XREVRANGE', base .. 'events', '+', '-', 'COUNT', 1)[1]
  reply.last = last and last[1]
end
return cjson.encode(reply)
