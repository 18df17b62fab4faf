-- SPDX-License-Identifier: BSD-2-Clause
-- Calls: where they wait, ring and talk, and how they end.

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
    entered = f.entered, transfer = f.transfer}
  for _, leg in ipairs(view.legs) do
    local g = object('agent:' .. leg.agent)
    leg.address = g.f.address
  end
  if #view.legs == 0 then view.legs = nil
  else view.timeout = tonumber(object('queue:' .. f.queue).f.timeout or '15') end
  view.doubt = f.doubt
  return view
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

-- Ends of calls that are by no one's wish; counted for good in meta.
local drop_reasons = {node_lost = true, vanished = true}

-- Ages by construction: who waits longer comes first, and each step of priority is worth so many ms of waiting.
local PRIORITY_STEP, PRIORITY_MAX = 60000, 100
local function call_score(c)
  return tonumber(c.f.entered) - tonumber(c.f.priority or '0') * PRIORITY_STEP
end

-- Puts a waiting or held call where its score says.
local function call_file(c)
  if c.f.state == 'waiting' then
    zadd(zset('wait:' .. c.f.queue), c.f.id, tonumber(c.f.score))
    dirty_queues[c.f.queue] = true
  elseif has(c.f.circuit) then circuit.file(c, c.f.circuit) end
end

-- Makes a live call one of another queue, in the state that it has, at its old score.
local function call_requeue(c, queue)
  local was, state, name = c.f.queue, c.f.state, c.f.circuit
  if was == queue then return end
  if state == 'waiting' then zrem(zset('wait:' .. was), c.f.id) end
  circuit.unfile(c)
  count('q:' .. was .. ':' .. state, -1)
  zrem(zset('live:' .. was), c.f.id)
  put(c, 'queue', queue)
  put(c, 'circuit', name)
  count('q:' .. queue .. ':' .. state, 1)
  zadd(zset('live:' .. queue), c.f.id, tonumber(c.f.entered))
  call_file(c)
end

-- An operator's queue for a call: it must be there, and open.
local function queue_taking(name)
  local q = queue_of(name)
  if q.f.closed == 'yes' then refuse('queue_closed', 'queue ' .. name .. ' is closed') end
  return q
end

-- Refuses unless the call waits.
local function call_waiting(c)
  if c.f.state ~= 'waiting' and c.f.state ~= 'held' then
    refuse('not_waiting', 'call ' .. c.f.id .. ' is ' .. c.f.state)
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
  if drop_reasons[reason] then
    put(meta, 'drops_' .. reason, tonumber(meta.f['drops_' .. reason] or '0') + 1)
  end
  if reason == 'node_lost' then
    local n = object('node:' .. c.f.node)
    put(n, 'lost', tonumber(n.f.lost or '0') + 1)
    local agents = has(c.f.agent) and 1 or #call_legs(c)
    if agents > 0 then put(n, 'freed', tonumber(n.f.freed or '0') + agents) end
  end
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

-- A page of an index of calls by time of entering, behind the call `last`, even if that one has left the index
-- meanwhile: its id says when. Also the cursor for the next page, while there may be one. max: of a page, BATCH if nil.
local function calls_behind(name, last, max)
  local key, from, gone = typed(name, 'zset'), 0, false
  max = max or BATCH
  if has(last) then
    local rank = redis.call('ZRANK', key, last)
    gone = not rank
    from = rank and rank + 1
      or redis.call('ZCOUNT', key, '-inf', '(' .. (string.match(last, '^%d+') or '0'):sub(1, 13))
  end
  local page, ids = redis.call('ZRANGE', key, from, from + max - 1), {}
  for _, id in ipairs(page) do
    if not gone or id > last then ids[#ids + 1] = id end
  end
  return ids, page[max]
end
