-- Ends a member's pause in that queue; replies with its reason, if it was paused there. inc, queue, agent.
local function main()
  same_incarnation()
  local g, _, before = member_of(a.queue, a.agent)
  reply.before = before
  if member_pause(g, a.queue, '') then agent_refresh(g) end
end
