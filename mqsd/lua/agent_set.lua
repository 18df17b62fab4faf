-- Sets options of an agent, all or none. inc, agent, options = {name = value}, v (optional).
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  expect_version(g, a.v)
  for option, value in pairs(a.options) do
    local was = g.f[option] or ''
    if was ~= value then
      put(g, option, value)
      event('agent_changed', {agent = a.agent, option = option, value = value, was = was})
    end
  end
  -- From now on its phone decides; the phone has spoken already.
  if has(a.options.login) and g.f.login == 'register' and g.f.registered == '1' and g.f.state == 'logged_out' then
    agent_move(g, 'idle', 'registered')
  end
end
