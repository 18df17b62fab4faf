-- Ends a membership; a call that the agent has from that queue goes on. Replies with the penalty that it had, and the
-- reason of its pause there. inc, queue, agent.
local function main()
  same_incarnation()
  local _, penalty, paused = member_of(a.queue, a.agent)
  reply.before, reply.paused = penalty, paused
  member_drop(a.queue, a.agent)
end
