-- The node shows a conversation that Redis has forgotten: a leg of ours is Up, its call waits, or rings elsewhere.
-- What is on the node is the truth: the agent is taken, an offer to another is dropped (its leg is a stray now).
-- inc, node, token, call, leg, agent, bridge ("" = none has both), bridged (the ms since both are in it, or 0).
local function cancel(c, leg)
  call_event('offer_failed', c, {agent = leg.agent, leg = leg.id, offer = c.f.offer,
    ring_ms = leg.dialled and now - leg.dialled or 0, reason = 'cancelled'})
  agent_release(c, leg.agent, leg.id, 'cancelled')
end

local function drop_offer(c)
  local legs = call_legs(c)
  put_legs(c, {})
  for _, leg in ipairs(legs) do cancel(c, leg) end
end

-- The agent has another call, as Redis remembers: it has not, it talks here. An offer of that one is over; a
-- conversation ends when somebody has seen that its leg is gone.
local function free_agent(c)
  local g = object('agent:' .. a.agent)
  if not g.exists or not has(g.f.call) or g.f.call == c.f.id then return end
  local other = object('call:' .. g.f.call)
  local leg, i, legs = leg_find(other, g.f.leg)
  if other.f.state ~= 'ringing' or not leg then return agent_move(g, 'idle', 'redis_forgot') end
  table.remove(legs, i)
  put_legs(other, legs)
  cancel(other, leg)
  if #legs == 0 then call_put_back(other, 0) end
end

local function main()
  same_incarnation()
  expect_owner(a.node)
  local c = call_of(a.call)
  if c.f.state == 'talking' and c.f.leg == a.leg then
    reply.call = c
    return
  end
  if c.f.state == 'talking' or c.f.state == 'ended' then
    refuse('not_live', 'call ' .. a.call .. ' is ' .. c.f.state .. ', not with leg ' .. a.leg)
  end
  local old = c.f.state
  drop_offer(c)
  free_agent(c)
  put(c, 'offer', '')
  put(c, 'held_reason', '')
  zrem(zset('due'), 'call:' .. c.f.id)
  call_answer(c, a.leg, a.agent, has(a.bridge) and a.bridge or call_next_id(c))
  local since = math.min(tonumber(a.bridged or 0) or 0, now)
  if since > 0 then
    put(c, 'answered', since)
    put(c, 'bridged', since)
  end
  call_event('call_adopted', c, {state = old, agent = a.agent, leg = a.leg, bridge = c.f.bridge,
    bridged_ms = since > 0 and since or nil, reason = 'redis_forgot'})
  agent_answer(c, a.agent, a.leg)
  reply.call = c
end
