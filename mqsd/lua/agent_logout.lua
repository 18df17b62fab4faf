-- Logs an agent out, at the end of its call if it has one; logged out already is not `changed`. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  reply.changed = g.f.state ~= 'logged_out' and g.f.logout ~= '1'
  agent_log_out(g, 'logout')
end
