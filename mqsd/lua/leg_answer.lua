-- An agent's phone answered: the first leg committed here has won, others are hung up as answered elsewhere.
-- inc, node, token, call, leg.
local function take_agent(c, leg)
  local g = object('agent:' .. leg.agent)
  if not g.exists then return end
  if g.f.state == 'idle' then           -- it was reset while its phone rang, and is taken again
    put(g, 'call', c.f.id)
    put(g, 'leg', leg.id)
    agent_move(g, 'ringing', 'answered')
  end
  if g.f.call == c.f.id and g.f.leg == leg.id and g.f.state == 'ringing' then
    agent_move(g, 'talking', 'answered')
  end
end

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
  put(c, 'agent', leg.agent)
  put(c, 'leg', leg.id)
  put(c, 'leg_open', '1')
  put(c, 'bridge', call_next_id(c))
  put(c, 'answered', now)
  srem(set('offers:' .. c.f.node), c.f.id)
  call_move(c, 'talking')
  call_event('call_answered', c, {agent = leg.agent, leg = leg.id, offer = c.f.offer,
    bridge = c.f.bridge, wait_ms = now - tonumber(c.f.entered),
    ring_ms = now - tonumber(leg.dialled or now), reason = 'answered'})
  take_agent(c, leg)
  reply.call = c
end
