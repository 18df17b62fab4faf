-- Gives a member no calls of that queue; those of its other queues, and a call that it has, go on. Replies with the
-- reason before, if it was paused there. inc, queue, agent, reason.
local function main()
  same_incarnation()
  local g, _, before = member_of(a.queue, a.agent)
  reply.before, reply.reason = before, has(a.reason) and a.reason or 'paused'
  if member_pause(g, a.queue, reply.reason) then agent_refresh(g) end
end
