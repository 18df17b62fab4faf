-- Removes an agent and its memberships, and replies with it as it was. Refused while it has a call. inc, agent, kept
-- (optional).
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  expect_kept(g)
  if has(g.f.call) then refuse('agent_busy', 'agent ' .. a.agent .. ' has call ' .. g.f.call) end
  reply.agent = agent_kept(g)
  if g.f.state ~= 'logged_out' then agent_move(g, 'logged_out', 'removed') end
  agent_pause(g, '')
  agent_reachable(g, 'removed')
  circuit.trust(g)
  for _, q in ipairs(agent_queues(g)) do
    zrem(zset('idle:' .. q), a.agent)
    zrem(zset('members:' .. q), a.agent)
    event('member_removed', {queue = q, agent = a.agent})
  end
  zrem(zset('due'), 'agent:' .. a.agent)
  zrem(zset('agents'), a.agent)
  count('a:logged_out', -1)
  drop(memberships(a.agent))
  drop(g)
  event('agent_removed', {agent = a.agent})
end
