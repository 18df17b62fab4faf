-- Gives a call that waits, or rings and may wait again, another priority, and so another place; replies with the one
-- before. inc, call, priority, v (optional).
local function main()
  same_incarnation()
  local c = call_of(a.call)
  expect_version(c, a.v)
  if c.f.state ~= 'ringing' then call_waiting(c) end
  local was = tonumber(c.f.priority or '0')
  reply.call, reply.before = c, was
  if was == a.priority then return end
  put(c, 'priority', a.priority)
  put(c, 'score', call_score(c))
  call_file(c)
  call_event('call_priority', c, {state = c.f.state, priority = a.priority, priority_was = was})
end
