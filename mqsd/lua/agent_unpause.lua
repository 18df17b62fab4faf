-- Ends a pause, and forgets the misses that may have led to it. Replies with its reason. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  reply.before = g.f.paused
  put(g, 'misses', '')
  agent_pause(g, '')
end
