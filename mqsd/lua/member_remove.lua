-- Ends a membership; a call that the agent has from that queue goes on. Replies with the penalty that it had. inc,
-- queue, agent.
local function main()
  same_incarnation()
  queue_of(a.queue)
  agent_of(a.agent)
  local before = memberships(a.agent).f[a.queue]
  if not has(before) then
    refuse('no_such_member', 'agent ' .. a.agent .. ' is not a member of queue ' .. a.queue)
  end
  reply.before = tonumber(before)
  member_drop(a.queue, a.agent)
end
