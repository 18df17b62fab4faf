-- Takes an agent out of the distribution; its call goes on. inc, agent, reason.
local function main()
  same_incarnation()
  agent_pause(agent_of(a.agent), has(a.reason) and a.reason or 'paused')
end
