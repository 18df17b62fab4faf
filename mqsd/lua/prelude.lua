-- SPDX-License-Identifier: BSD-2-Clause
-- Stands in front of all scripts, in one library of functions that Redis compiles once (embed.sh). A script is a
-- function main() that reads and checks through these functions and only *plans* its writes; the epilogue carries
-- the plan out after main() has returned.
-- So a refusal, from wherever it comes, leaves Redis as it was, and nothing can fail between two writes.
--
-- One key     the pool's prefix, "mqs:{pool}:"
-- One argument  JSON object of arguments; `inc` is the incarnation of Redis that the caller opened the pool under,
--             `opened` when its last recovery had begun then, and `instance` the caller's name
-- Reply       JSON: {ok=true, events=[...], claims=[...], ...} or {refused="code", text="sentence"}
--
-- Times are ms since the epoch, numbers in Lua and text in Redis. cjson and tostring keep 14 digits, so
-- whatever needs more (tokens, call ids, scores) stays text or goes through int().
local base, a, reply      -- prefix, arguments, reply
local meta, now           -- the pool's own object, its clock

-- What belongs to one run, and would else be found by the next.
local types, objects, object_order, zsets, zset_order, sets, set_order, strings, string_order
local counts, events
local dirty_queues        -- those in which a match may have become possible
local bells               -- a bell wakes the instances that follow the channel, heard or not:
                          -- `node <name>`: look at todo:<name>; `due`: something is due now
local function clear(keys, args)
  base, a, reply = keys[1], cjson.decode(args[1]), {ok = true}
  types, objects, object_order, zsets, zset_order = {}, {}, {}, {}, {}
  sets, set_order, strings, string_order = {}, {}, {}, {}
  counts, events, dirty_queues, bells = {}, {}, {}, {}
end

local MATCH_MAX = 16      -- claims a script makes before it says that there are more
local BATCH = 64          -- members a script looks at at most
local STRICT = 1e13       -- above any time in ms: one step of penalty in an idle score

local function refuse(code, text)
  error({refused = code, text = text})
end

local function int(n) return string.format('%d', n) end

local circuit = {}        -- circuit.lua: what is charged to nodes and to Kamailio

local function has(v) return v ~= nil and v ~= cjson.null and v ~= '' end

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

-- Memberships: every field is the name of a queue, so there is no room for a `v`. The other side, `members:<queue>`,
-- is a sorted set with one score, so that pages of it come by name and cost what they show.
local function memberships(agent)
  local m = object('memberof:' .. agent)
  m.unversioned = true
  m.of = 'agent:' .. agent
  return m
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

-- A page of an index of calls by time of entering, behind the call `last`, even if that one has left the index
-- meanwhile: its id says when. Also the cursor for the next page, while there may be one.
local function calls_behind(name, last)
  local key, from, gone = typed(name, 'zset'), 0, false
  if has(last) then
    local rank = redis.call('ZRANK', key, last)
    gone = not rank
    from = rank and rank + 1
      or redis.call('ZCOUNT', key, '-inf', '(' .. (string.match(last, '^%d+') or '0'):sub(1, 13))
  end
  local page, ids = redis.call('ZRANGE', key, from, from + BATCH - 1), {}
  for _, id in ipairs(page) do
    if not gone or id > last then ids[#ids + 1] = id end
  end
  return ids, page[BATCH]
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

-- Agents. Availability is one question with one answer, asked after every change.
local function agent_available(g)
  return g.f.state == 'idle' and not has(g.f.paused) and g.f.unreachable ~= '1'
    and tonumber(g.f.backoff or '0') <= now
end

-- One row a strategy: the score of an idle member; the lowest is offered first.
local strategies = {
  ['longest-idle'] = function(g) return tonumber(g.f.idle_since or '0') end,
}

local function agent_queues(g)
  if not g.queues then
    g.queues = {}
    for q, penalty in pairs(memberships(g.f.name).f) do
      if penalty ~= '' then g.queues[#g.queues + 1] = q end
    end
    table.sort(g.queues)
  end
  return g.queues
end

local function agent_refresh(g)
  local due = zset('due')
  local free = agent_available(g)
  for _, q in ipairs(agent_queues(g)) do
    if free then
      local penalty = tonumber(memberships(g.f.name).f[q] or '0')
      local score = strategies[queue_of(q).f.strategy](g)
      zadd(zset('idle:' .. q), g.f.name, penalty * STRICT + score)
      dirty_queues[q] = true
    else
      zrem(zset('idle:' .. q), g.f.name)
    end
  end
  local at
  if g.f.state == 'wrapup' then at = tonumber(g.f.wrapup_until or '0')
  elseif g.f.state == 'idle' and tonumber(g.f.backoff or '0') > now then at = tonumber(g.f.backoff) end
  if at then zadd(due, 'agent:' .. g.f.name, at) else zrem(due, 'agent:' .. g.f.name) end
end

local agent_moves = {
  logged_out = {idle = true, wrapup = true},      -- wrapup: restored from a copy
  idle = {ringing = true, logged_out = true},
  ringing = {talking = true, idle = true, logged_out = true},
  talking = {wrapup = true, idle = true, logged_out = true},
  wrapup = {idle = true, logged_out = true},
}

-- The only writer of an agent's state.
local function agent_move(g, new, reason)
  local old = g.f.state
  if not agent_moves[old][new] then
    refuse('bad_move', 'agent ' .. g.f.name .. ' cannot go from ' .. old .. ' to ' .. new)
  end
  local backoff = new == 'idle' and tonumber(g.f.backoff or '0') - now or 0
  event('agent_state', {agent = g.f.name, old = old, new = new, reason = reason, call = g.f.call,
    backoff_ms = backoff > 0 and backoff or nil})
  count('a:' .. old, -1)
  count('a:' .. new, 1)
  if old == 'logged_out' or new == 'logged_out' then
    g.changed = true
    for _, q in ipairs(agent_queues(g)) do
      count('q:' .. q .. ':logged_in', new == 'logged_out' and -1 or 1)
    end
  end
  put(g, 'state', new)
  put(g, 'since', now)
  if new == 'idle' then
    put(g, 'idle_since', now)
  end
  if new == 'idle' or new == 'logged_out' or new == 'wrapup' then
    put(g, 'call', '')
    put(g, 'leg', '')
  end
  agent_refresh(g)
end

-- What lies over the state: a pause (its reason, '' ends it) and a phone that cannot be reached. Their only
-- writers too, because both are counted. Time spent out of reach of calls is not time spent idle.
local function agent_overlay(g, field, value)
  local was = g.f[field]
  if (was or '') == value then return false end
  if not has(was) then count('a:' .. field, 1) end
  if value == '' then count('a:' .. field, -1) end
  put(g, field, value)
  if value == '' and g.f.state == 'idle' then put(g, 'idle_since', now) end
  agent_refresh(g)
  return true
end

local function agent_pause(g, reason)
  local was = g.f.paused
  if not agent_overlay(g, 'paused', reason) then return end
  if reason == 'misses' then count('a:autopaused', 1) end
  if was == 'misses' then count('a:autopaused', -1) end
  if reason ~= '' then event('agent_paused', {agent = g.f.name, reason = reason})
  else event('agent_unpaused', {agent = g.f.name, reason = was}) end
end

local function agent_unreachable(g, reason, sip_status)
  if agent_overlay(g, 'unreachable', '1') then
    event('agent_unreachable', {agent = g.f.name, reason = reason, sip_status = sip_status})
  end
end

local function agent_reachable(g, reason)
  if agent_overlay(g, 'unreachable', '') then
    event('agent_reachable', {agent = g.f.name, reason = reason})
  end
end

-- A call goes on; the agent is logged out when it is over.
local function agent_log_out(g, reason)
  if has(g.f.call) then put(g, 'logout', '1')
  elseif g.f.state ~= 'logged_out' then agent_move(g, 'logged_out', reason) end
end

-- Makes an agent a member, or changes its penalty; false when nothing changed.
local function member_put(g, queue, penalty)
  local mine = memberships(g.f.name)
  penalty = int(tonumber(penalty or 0))
  if mine.f[queue] == penalty then return false end
  if not has(mine.f[queue]) and g.f.state ~= 'logged_out' then count('q:' .. queue .. ':logged_in', 1) end
  put(mine, queue, penalty)
  zadd(zset('members:' .. queue), g.f.name, 0)
  g.queues = nil
  return true
end

local function member_drop(queue, agent)
  local g = agent_of(agent)
  put(memberships(agent), queue, '')
  zrem(zset('members:' .. queue), agent)
  g.queues = nil
  zrem(zset('idle:' .. queue), agent)
  if g.f.state ~= 'logged_out' then count('q:' .. queue .. ':logged_in', -1) end
  event('member_removed', {queue = queue, agent = agent})
end

-- Calls.
local call_moves = {
  entering = {waiting = true, held = true},
  waiting = {held = true, ringing = true, ended = true, talking = true},
  held = {waiting = true, ended = true, talking = true},
  ringing = {waiting = true, held = true, talking = true, ended = true},
  talking = {waiting = true, held = true, ended = true},
}

-- The only writer of a call's state: indices and counters change with it.
local function call_move(c, new)
  local old = c.f.state
  if not call_moves[old][new] then
    refuse('bad_move', 'call ' .. c.f.id .. ' cannot go from ' .. old .. ' to ' .. new)
  end
  local wait = zset('wait:' .. c.f.queue)
  if old == 'waiting' then zrem(wait, c.f.id) end
  if old == 'held' then
    circuit.unfile(c)
    put(c, 'held_reason', '')
    zrem(zset('due'), 'call:' .. c.f.id)
  end
  if old == 'ringing' then
    put(c, 'doubt', '')
    circuit.left(c)
  end
  if new == 'waiting' then
    put(c, 'retry', '')
    zadd(wait, c.f.id, tonumber(c.f.score))
    dirty_queues[c.f.queue] = true
  end
  if old ~= 'entering' then
    count('q:' .. c.f.queue .. ':' .. old, -1)
    count('n:' .. c.f.node .. ':' .. old, -1)
  end
  if new ~= 'ended' then
    count('q:' .. c.f.queue .. ':' .. new, 1)
    count('n:' .. c.f.node .. ':' .. new, 1)
  else
    zrem(zset('live:' .. c.f.queue), c.f.id)
  end
  put(c, 'state', new)
  put(c, 'since', now)
end

local function call_event(name, c, fields)
  fields.call, fields.queue, fields.node = c.f.id, c.f.queue, c.f.node
  event(name, fields)
end

-- Why a call may not be offered now, or nil; and the circuit that it waits for, if it is that.
local function call_bar(c)
  local state = object('node:' .. c.f.node).f.state
  if state == 'unreachable' or state == 'dead' then return 'node_' .. state end
  if tonumber(c.f.retry or '0') > now then return 'retry' end
  local name = circuit.door(c.f.node)
  if name then return name == '*' and 'kamailio_failing' or 'node_failing', name end
end

-- What a held call is held for; there may be another reason when one is over.
local function call_keep(c, why, name)
  if c.f.circuit ~= name then circuit.unfile(c) end
  put(c, 'held_reason', why)
  if name then circuit.file(c, name) end
  if why == 'retry' then zadd(zset('due'), 'call:' .. c.f.id, tonumber(c.f.retry)) end
end

-- Lets a call wait for an offer, or holds it.
local function call_wait(c)
  local old, why, name = c.f.state, call_bar(c)
  if why then
    call_move(c, 'held')
    call_keep(c, why, name)
    call_event('call_held', c, {state = old == 'entering' and 'waiting' or old, reason = why})
  elseif old ~= 'waiting' then
    call_move(c, 'waiting')
  end
end

-- A held call whose reasons are all over waits again at its old score.
local function call_release(c, reason)
  local why, name = call_bar(c)
  if why then return call_keep(c, why, name) end
  call_move(c, 'waiting')
  call_event('call_released', c, {reason = reason})
end

-- Redis may have forgotten the last numbers of a call that is older than its last recovery; time is above them all.
local function call_next_id(c)
  local recovered = meta.f.recovering_since or '0'
  if tonumber(c.f.entered) < tonumber(recovered) and c.f.lifted ~= recovered then
    put(c, 'lifted', recovered)
    put(c, 'n', math.max(tonumber(c.f.n or '0'), math.floor(now / 100)))
  end
  put(c, 'n', tonumber(c.f.n or '0') + 1)
  return c.f.id .. '.' .. c.f.n
end

-- Legs of the live offer: [{id, agent, dialled}], usually one.
local function call_legs(c)
  if not has(c.f.legs) then return {} end
  return cjson.decode(c.f.legs)
end

local function put_legs(c, legs)
  put(c, 'legs', #legs > 0 and cjson.encode(legs) or '')
end

local function leg_find(c, id)
  local legs = call_legs(c)
  for i, leg in ipairs(legs) do
    if leg.id == id then return leg, i, legs end
  end
  return nil, nil, legs
end

-- What the owner of the call's node needs to act.
local function call_view(c)
  local f = c.f
  local view = {id = f.id, v = f.v, state = f.state, queue = f.queue, node = f.node, channel = f.channel,
    offer = f.offer, leg = f.leg, agent = f.agent, bridge = f.bridge, reason = f.reason,
    open = f.open, leg_open = f.leg_open, bridged = f.bridged, legs = call_legs(c), priority = f.priority,
    entered = f.entered}
  for _, leg in ipairs(view.legs) do
    local g = object('agent:' .. leg.agent)
    leg.address = g.f.address
  end
  if #view.legs == 0 then view.legs = nil
  else view.timeout = tonumber(object('queue:' .. f.queue).f.timeout or '15') end
  view.doubt = f.doubt
  return view
end

local function claim(c, g)
  local offer = call_next_id(c)
  local leg = call_next_id(c)
  put(c, 'offer', offer)
  put(c, 'offered', now)
  put(c, 'offers', tonumber(c.f.offers or '0') + 1)
  put_legs(c, {{id = leg, agent = g.f.name}})
  if circuit.in_doubt(c.f.node) then put(c, 'doubt', '1') end
  put(g, 'call', c.f.id)
  put(g, 'leg', leg)
  call_move(c, 'ringing')
  call_event('offer_made', c, {agent = g.f.name, leg = leg, offer = offer, reason = 'matched',
    wait_ms = now - tonumber(c.f.entered)})
  agent_move(g, 'ringing', 'offered')
  sadd(set('offers:' .. c.f.node), c.f.id)
  reply.claims = reply.claims or {}
  reply.claims[#reply.claims + 1] = c
end

-- The queue whose first caller has waited longest by score, and that has an idle member: call, agent, and the
-- circuit that holds the call, if one does and lets it try. Heads only.
local function best_match(queues)
  local ready = circuit.ready()
  local best, best_score, who, via
  for q in pairs(queues) do
    local id, score, name = circuit.first(q, ready)
    local g = id and zfirst(zset('idle:' .. q))
    if g and (not best or score < best_score or (score == best_score and id < best)) then
      best, best_score, who, via = id, score, g, name
    end
  end
  return best, who, via
end

-- Claims caller and agent together or not at all; a caller that may not be offered is held on the way. Says
-- `more` when MATCH_MAX claims, or twice as many looks, were not enough.
local function match(queues)
  if meta.f.state ~= 'ready' then return end
  local claims = 0
  for looks = 0, 2 * MATCH_MAX do
    local id, who, via = best_match(queues)
    if not id then return end
    if claims == MATCH_MAX or looks == 2 * MATCH_MAX then
      reply.more = {}
      for q in pairs(queues) do reply.more[#reply.more + 1] = q end
      return
    end
    local c = call_of(id)
    local why, name = call_bar(c)
    if why and not via then call_wait(c)
    elseif why and name ~= via then call_keep(c, why, name)
    else
      if via then
        local how = circuit.try(c, via)
        call_move(c, 'waiting')
        call_event('call_released', c, {reason = how})
      end
      claim(c, agent_of(who))
      claims = claims + 1
    end
  end
end

-- A page of queues, by name, is looked at when the script is done; the cursor is for the next.
local function match_page(last)
  local page = redis.call('ZRANGEBYLEX', typed('queues', 'zset'), has(last) and '(' .. last or '-', '+', 'LIMIT', 0, BATCH)
  for _, q in ipairs(page) do dirty_queues[q] = true end
  reply.cursor = page[BATCH]
end

-- Takes the agent off a leg that is over. An agent that was reset meanwhile has another call, or none.
local function agent_release(c, name, leg, reason, backoff)
  local g = object('agent:' .. name)
  if not g.exists or g.f.call ~= c.f.id or g.f.leg ~= leg then return end
  if g.f.logout == '1' then
    put(g, 'logout', '')
    return agent_move(g, 'logged_out', 'logout')
  end
  if g.f.state == 'talking' then put(g, 'misses', '0') end
  if backoff then
    put(g, 'backoff', now + backoff * 1000)
  elseif g.f.state == 'talking' then
    local rest = math.max(tonumber(object('queue:' .. c.f.queue).f.wrapuptime or '0'),
      tonumber(g.f.wrapuptime or '0'))
    if rest > 0 then
      put(g, 'wrapup_until', now + rest * 1000)
      return agent_move(g, 'wrapup', reason)
    end
  end
  agent_move(g, 'idle', reason)
end

-- The leg has won the call.
local function call_answer(c, leg, agent, bridge)
  put(c, 'agent', agent)
  put(c, 'leg', leg)
  put(c, 'leg_open', '1')
  put(c, 'bridge', bridge)
  put(c, 'answered', now)
  srem(set('offers:' .. c.f.node), c.f.id)
  call_move(c, 'talking')
end

-- Both were seen in the bridge: from here on they talk.
local function call_join(c)
  if has(c.f.bridged) then return end
  put(c, 'bridged', now)
  call_event('call_bridged', c, {agent = c.f.agent, leg = c.f.leg, bridge = c.f.bridge,
    connect_ms = now - tonumber(c.f.answered)})
end

-- The agent is on that leg, whatever was believed of it, unless it is on another call's.
local function agent_answer(c, name, leg)
  local g = object('agent:' .. name)
  if not g.exists or (has(g.f.call) and g.f.call ~= c.f.id) then return end
  if g.f.state == 'logged_out' then
    put(g, 'logout', '1')               -- and is again when the call is over
    agent_move(g, 'idle', 'answered')
  elseif g.f.state == 'wrapup' then
    put(g, 'wrapup_until', '')
    agent_move(g, 'idle', 'answered')
  end
  if g.f.state == 'idle' then
    put(g, 'call', c.f.id)
    put(g, 'leg', leg)
    agent_move(g, 'ringing', 'answered')
  end
  if g.f.call == c.f.id and g.f.leg == leg and g.f.state == 'ringing' then
    agent_move(g, 'talking', 'answered')
  end
end

-- Everything that ends a call comes here. Channels in `open` are still on the node.
local function call_finish(c, reason)
  local old = c.f.state
  local talked = old == 'talking' and has(c.f.bridged)
  local talk = talked and now - tonumber(c.f.answered) or 0
  local until_ = talked and tonumber(c.f.answered) or now
  put(c, 'reason', reason)
  put(c, 'ended', now)
  call_move(c, 'ended')
  srem(set('offers:' .. c.f.node), c.f.id)
  zrem(zset('due'), 'call:' .. c.f.id)
  call_event('call_ended', c, {state = old, reason = reason, agent = c.f.agent, leg = c.f.leg,
    wait_ms = math.max(0, until_ - tonumber(c.f.entered)), talk_ms = talk})
end

-- The record of an ended call whose channels have all been seen to be gone.
local function call_forget(c)
  sput('chan:' .. c.f.node .. ':' .. c.f.channel, nil)
  zrem(zset('on:' .. c.f.node), c.f.id)
  if has(c.f.try) and has(c.f.sip) and sget('sip:' .. c.f.sip) == c.f.id then sput('sip:' .. c.f.sip, nil) end
  c.forgotten = true
end

-- Puts a call whose last leg is over, and that nobody talked in, back at its old score; hold > 0 keeps it back so
-- many ms.
local function call_put_back(c, hold)
  put(c, 'offer', '')
  srem(set('offers:' .. c.f.node), c.f.id)
  if hold > 0 then put(c, 'retry', now + hold) end
  call_wait(c)
end

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
