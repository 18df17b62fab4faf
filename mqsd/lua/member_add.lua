-- Makes an agent a member of a queue, or changes its penalty. inc, queue, agent, penalty.
local QUEUES_MAX = 64
local function main()
  same_incarnation()
  queue_of(a.queue)
  local g = agent_of(a.agent)
  local mine = memberships(a.agent)
  local penalty = int(tonumber(a.penalty or 0))
  local new = not has(mine.f[a.queue])
  if mine.f[a.queue] == penalty then return end
  if new and #agent_queues(g) >= QUEUES_MAX then
    refuse('too_many_queues', 'agent ' .. a.agent .. ' is in ' .. QUEUES_MAX .. ' queues already')
  end
  put(mine, a.queue, penalty)
  zadd(zset('members:' .. a.queue), a.agent, 0)
  g.queues = nil
  if new and g.f.state ~= 'logged_out' then count('q:' .. a.queue .. ':logged_in', 1) end
  event('member_added', {queue = a.queue, agent = a.agent, penalty = tonumber(penalty)})
  agent_refresh(g)
end
