-- Logs an agent out, at the end of its call if it has one. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  agent_log_out(g, 'logout')
end
