-- Ends a pause, and forgets the misses that may have led to it. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  put(g, 'misses', '')
  agent_pause(g, '')
end
