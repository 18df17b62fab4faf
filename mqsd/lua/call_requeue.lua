-- Puts a waiting call into another queue, at its old score; replies with the queue before. inc, call, queue, v
-- (optional).
local function main()
  same_incarnation()
  local c = call_of(a.call)
  expect_version(c, a.v)
  call_waiting(c)
  local was = c.f.queue
  reply.call, reply.before = c, was
  if was == a.queue then return end
  queue_taking(a.queue)
  call_requeue(c, a.queue)
  call_event('call_moved', c, {state = c.f.state, queue_was = was})
end
