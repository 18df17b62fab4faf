-- Changes the penalty of a member; replies with the one before. inc, queue, agent, penalty.
local function main()
  same_incarnation()
  local g, before = member_of(a.queue, a.agent)
  reply.before = before
  if not member_put(g, a.queue, a.penalty) then return end
  event('member_added', {queue = a.queue, agent = a.agent, penalty = a.penalty})
  agent_refresh(g)
end
