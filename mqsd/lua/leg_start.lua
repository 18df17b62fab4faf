-- A leg's StasisStart: may it be dialled? inc, node, token, call, leg.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local c = call_of(a.call)
  local leg, _, legs = leg_find(c, a.leg)
  if c.f.state ~= 'ringing' or not leg then
    refuse('not_live', 'leg ' .. a.leg .. ' belongs to no live offer')
  end
  if not leg.dialled then
    leg.dialled = now
    put_legs(c, legs)
    call_event('offer_dialled', c, {agent = leg.agent, leg = leg.id, offer = c.f.offer})
  end
  reply.call = c
end
