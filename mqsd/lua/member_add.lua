-- Makes an agent a member of a queue, or changes its penalty; replies with the penalty that a member had before. inc,
-- queue, agent, penalty.
local QUEUES_MAX = 64
local function main()
  same_incarnation()
  queue_of(a.queue)
  local g = agent_of(a.agent)
  local penalty = tonumber(a.penalty or 0)
  reply.before = membership(a.agent, a.queue)
  if not reply.before and #agent_queues(g) >= QUEUES_MAX then
    refuse('too_many_queues', 'agent ' .. a.agent .. ' is in ' .. QUEUES_MAX .. ' queues already')
  end
  if not member_put(g, a.queue, penalty) then return end
  event('member_added', {queue = a.queue, agent = a.agent, penalty = penalty})
  agent_refresh(g)
end
