-- Ends an agent's wrap-up at once. inc, agent.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  if g.f.state ~= 'wrapup' then
    refuse('not_in_wrapup', 'agent ' .. a.agent .. ' is ' .. g.f.state .. ', not in wrap-up')
  end
  put(g, 'wrapup_until', '')
  agent_move(g, 'idle', 'wrapup_ended')
end
