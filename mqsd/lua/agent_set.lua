-- Sets options of an agent, all or none; replies with what was, of those that changed, and whether it logged the agent
-- in. inc, agent, options = {name = value}, v (optional).
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  expect_version(g, a.v)
  reply.was = {}
  for option, value in pairs(a.options) do
    local was = g.f[option] or ''
    if was ~= value then
      put(g, option, value)
      reply.was[option] = was
      event('agent_changed', {agent = a.agent, option = option, value = value, was = was})
    end
  end
  -- From now on its phone decides; the phone has spoken already.
  if has(a.options.login) and g.f.login == 'register' and g.f.registered == '1' and g.f.state == 'logged_out' then
    agent_move(g, 'idle', 'registered')
    reply.logged_in = true
  end
end
