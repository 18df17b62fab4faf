-- A channel of a call has left the node: the caller's, or a leg. The only way a party's leaving is recorded.
-- inc, node, token, call, channel, reason (of a leg: busy reject no_answer unreachable node mqsd cancelled
-- gone node_lost vanished; of a caller: hangup node_lost vanished late), sip_status, unseen (the node is given up, but
-- may still have the channel: the call ends, its record stays until somebody has looked), met (the bridge in which
-- both were seen, should the record not know it yet).
local delays = {busy = 'busydelay', reject = 'rejectdelay', no_answer = 'noanswerdelay'}
-- Nobody was rung, and who is rung next may make no difference: ms that the call is held, doubling up to this.
local HOLD_MIN, hold_max = 500, {node = 20000, mqsd = 1000}

-- What the offer's failure says, of the agent or of the way to it; the seconds until the agent is offered a call
-- again, or nil.
local function blame(c, g)
  if a.reason == 'node' then return circuit.failed(c, g) end
  -- An answer may have been lost on the way, if there is none.
  if a.reason == 'no_answer' and circuit.in_doubt(c.f.node) then return nil end
  if a.reason == 'unreachable' and g.exists then agent_unreachable(g, a.reason, a.sip_status) end
  if delays[a.reason] or a.reason == 'unreachable' then circuit.works(c, g) end
  if not delays[a.reason] or not g.exists then return nil end
  local q = object('queue:' .. c.f.queue)
  put(g, 'misses', tonumber(g.f.misses or '0') + 1)
  local limit = tonumber(q.f.autopausemisses or '0')
  if limit > 0 and tonumber(g.f.misses) >= limit and not has(g.f.paused) then agent_pause(g, 'misses') end
  return tonumber(q.f[delays[a.reason]] or '5')
end

local function offered_leg_gone(c, leg, i, legs)
  local g = object('agent:' .. leg.agent)
  local backoff
  table.remove(legs, i)
  put_legs(c, legs)
  if c.f.state == 'ringing' then
    backoff = blame(c, g)
    call_event('offer_failed', c, {agent = leg.agent, leg = leg.id, offer = c.f.offer,
      ring_ms = leg.dialled and now - leg.dialled or 0, sip_status = a.sip_status, reason = a.reason})
    if #legs == 0 then
      local longest = hold_max[a.reason]
      local fails = longest and tonumber(c.f.fails or '0') + 1 or 0
      put(c, 'fails', fails)
      -- An open circuit has a pace of its own.
      call_put_back(c, longest and not circuit.door(c.f.node)
        and math.min(longest, HOLD_MIN * 2 ^ (fails - 1)) or 0)
    end
  end
  agent_release(c, leg.agent, leg.id, a.reason, backoff)
end

-- The agent answered, and left before it could hear the caller: the offer failed, the caller waits on at its old
-- place. What answers misses nothing, but is not rung again at once. `bridge` stays in the record: the node may still
-- have it, and the caller's music was stopped for it.
local function never_met(c, reason)
  local agent, leg = c.f.agent, c.f.leg
  call_event('offer_failed', c, {agent = agent, leg = leg, offer = c.f.offer, reason = reason})
  put(c, 'agent', '')
  put(c, 'leg', '')
  put(c, 'answered', '')
  put(c, 'fails', 0)
  call_put_back(c, 0)
  agent_release(c, agent, leg, reason, tonumber(object('queue:' .. c.f.queue).f.rejectdelay or '5'))
end

-- An operator has let the agent go: the caller waits again, in the queue that was named and at its old score. `bridge`
-- stays in the record, as above. The agent is not rung at once with the caller whom it was just relieved of.
local function transferred(c)
  local queue, was = c.f.transfer, c.f.queue
  local agent, leg, talk = c.f.agent, c.f.leg, now - tonumber(c.f.answered)
  if not object('queue:' .. queue).exists then queue = was end
  local q, g = object('queue:' .. was), object('agent:' .. agent)
  local rests = tonumber(q.f.wrapuptime or '0') > 0 or tonumber(g.f.wrapuptime or '0') > 0
  local again = not rests and membership(agent, queue)
  agent_release(c, agent, leg, 'transferred', again and tonumber(q.f.rejectdelay or '5') or nil)
  call_requeue(c, queue)
  call_event('call_transferred', c, {queue_was = was, agent = agent, leg = leg, talk_ms = talk})
  for _, field in ipairs({'transfer', 'agent', 'leg', 'answered', 'bridged'}) do put(c, field, '') end
  put(c, 'fails', 0)
  call_put_back(c, 0)
end

local function won_leg_gone(c)
  local reason = drop_reasons[a.reason] and a.reason or 'agent_left'
  local g = object('agent:' .. c.f.agent)
  if not a.unseen then put(c, 'leg_open', '') end
  -- Rung again it would not answer either; its next REGISTER shows that it is back.
  if a.reason == 'vanished' and g.exists then agent_unreachable(g, a.reason) end
  if c.f.state == 'talking' and not has(c.f.bridged) and not a.unseen then return never_met(c, reason) end
  if c.f.state == 'talking' and has(c.f.transfer) and not a.unseen then return transferred(c) end
  if c.f.state == 'talking' then call_finish(c, reason) end
  agent_release(c, c.f.agent, c.f.leg, c.f.reason)
end

local function caller_gone(c)
  local talked = c.f.state == 'talking' and has(c.f.bridged)
  local reasons = {hangup = talked and 'caller_left' or 'abandoned'}
  if not a.unseen then put(c, 'open', '') end
  if c.f.state ~= 'ended' then call_finish(c, reasons[a.reason] or a.reason) end
end

local function main()
  same_incarnation()
  expect_owner(a.node)
  local c = call_of(a.call)
  local leg, i, legs = leg_find(c, a.channel)
  if c.f.state == 'talking' and has(a.met) and a.met == c.f.bridge then call_join(c) end
  if a.channel == c.f.channel then
    caller_gone(c)
  elseif leg then
    offered_leg_gone(c, leg, i, legs)
  elseif a.channel == c.f.leg then
    won_leg_gone(c)
  end
  reply.call = c
  if c.f.state == 'ended' and not has(c.f.open) and not has(c.f.leg_open) and not has(c.f.legs) then
    reply.forgotten = true
    call_forget(c)
  end
end
