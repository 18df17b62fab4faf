-- An agent's phone answered: the first leg committed here has won, others are hung up as answered elsewhere.
-- inc, node, token, call, leg.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local c = call_of(a.call)
  if c.f.state == 'talking' and c.f.leg == a.leg then
    reply.call = c
    return
  end
  local leg, i, legs = leg_find(c, a.leg)
  if c.f.state ~= 'ringing' or not leg then
    refuse('not_live', 'leg ' .. a.leg .. ' belongs to no live offer')
  end
  table.remove(legs, i)
  put_legs(c, legs)
  call_answer(c, leg.id, leg.agent, call_next_id(c))
  call_event('call_answered', c, {agent = leg.agent, leg = leg.id, offer = c.f.offer,
    bridge = c.f.bridge, wait_ms = now - tonumber(c.f.entered),
    ring_ms = now - tonumber(leg.dialled or now), reason = 'answered'})
  circuit.works(c, object('agent:' .. leg.agent))
  agent_answer(c, leg.agent, leg.id)
  reply.call = c
end
