-- Both channels were seen entering the bridge. inc, node, token, call, leg.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local c = call_of(a.call)
  if c.f.state ~= 'talking' or c.f.leg ~= a.leg then
    refuse('not_live', 'call ' .. a.call .. ' is not talking on leg ' .. a.leg)
  end
  call_join(c)
  reply.call = c
end
