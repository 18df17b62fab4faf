-- Logs an agent in; logged in already is no error, and not `changed`. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  reply.changed = g.f.state == 'logged_out' or g.f.logout == '1'
  put(g, 'logout', '')
  if g.f.state == 'logged_out' then agent_move(g, 'idle', 'login') end
end
