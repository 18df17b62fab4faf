-- Logs an agent in; logged in already is no error. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  put(g, 'logout', '')
  if g.f.state == 'logged_out' then agent_move(g, 'idle', 'login') end
end
