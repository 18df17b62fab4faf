-- The phone of a leg rings: there is a way to phones. Said only of calls with `doubt` in their view, as otherwise
-- nobody asks. inc, node, token, call, leg.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local c = call_of(a.call)
  local leg = leg_find(c, a.leg)
  if c.f.state ~= 'ringing' or not leg then
    refuse('not_live', 'leg ' .. a.leg .. ' belongs to no live offer')
  end
  circuit.works(c, object('agent:' .. leg.agent))
  reply.call = c
end
