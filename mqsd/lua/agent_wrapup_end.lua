-- Ends an agent's wrap-up at once. inc, agent.
local function main()
  same_incarnation()
  agent_end_wrapup(agent_of(a.agent), 'wrapup_ended')
end
