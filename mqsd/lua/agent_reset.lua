-- Makes an agent forget the call it is said to have; touches no channel. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  event('agent_reset', {agent = a.agent, call = g.f.call})
  put(g, 'backoff', '')
  put(g, 'misses', '')
  put(g, 'wrapup_until', '')
  agent_reachable(g, 'reset')
  if g.f.state == 'ringing' or g.f.state == 'talking' or g.f.state == 'wrapup' then
    agent_move(g, g.f.logout == '1' and 'logged_out' or 'idle', 'reset')
    put(g, 'logout', '')
  else
    agent_refresh(g)
  end
end
