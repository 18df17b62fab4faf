-- Ends a membership; a call that the agent has from that queue goes on. inc, queue, agent.
local function main()
  same_incarnation()
  queue_of(a.queue)
  agent_of(a.agent)
  if not has(memberships(a.agent).f[a.queue]) then
    refuse('no_such_member', 'agent ' .. a.agent .. ' is not a member of queue ' .. a.queue)
  end
  member_drop(a.queue, a.agent)
end
