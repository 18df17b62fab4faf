-- Both channels were seen entering the bridge. inc, node, token, call, leg.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local c = call_of(a.call)
  if c.f.state ~= 'talking' or c.f.leg ~= a.leg then
    refuse('not_live', 'call ' .. a.call .. ' is not talking on leg ' .. a.leg)
  end
  if not has(c.f.bridged) then
    put(c, 'bridged', now)
    call_event('call_bridged', c, {agent = c.f.agent, leg = c.f.leg, bridge = c.f.bridge,
      connect_ms = now - tonumber(c.f.answered)})
  end
  reply.call = c
end
