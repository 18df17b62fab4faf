-- Ends a call by our own wish or a rule. inc, call, reason, v (optional). The reply's view says which
-- channels are still open; their node's owner hangs them up. Ended already: nothing changes.
local function main()
  same_incarnation()
  local c = call_of(a.call)
  if c.f.state ~= 'ended' then
    expect_version(c, a.v)
    call_finish(c, a.reason)
  end
  reply.call = c
end
