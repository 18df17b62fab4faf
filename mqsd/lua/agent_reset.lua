-- Makes an agent forget the call it is said to have, its wrap-up, back-off and misses; touches no channel. With
-- nothing to forget nothing happens. inc, agent, v (optional: an offer that came meanwhile is not meant).
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  expect_version(g, a.v)
  if has(g.f.call) or has(g.f.backoff) or has(g.f.misses) or g.f.state == 'wrapup' then
    event('agent_reset', {agent = a.agent, call = g.f.call})
  end
  put(g, 'backoff', '')
  put(g, 'misses', '')
  put(g, 'wrapup_until', '')
  circuit.trust(g)
  agent_reachable(g, 'reset')
  if g.f.state == 'ringing' or g.f.state == 'talking' or g.f.state == 'wrapup' then
    agent_move(g, g.f.logout == '1' and 'logged_out' or 'idle', 'reset')
    put(g, 'logout', '')
  else
    agent_refresh(g)
  end
end
