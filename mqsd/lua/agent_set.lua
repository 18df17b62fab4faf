-- Sets one option of an agent. inc, agent, option, value, v (optional).
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  expect_version(g, a.v)
  local was = g.f[a.option]
  put(g, a.option, a.value)
  event('agent_changed', {agent = a.agent, option = a.option, value = a.value, was = was})
end
