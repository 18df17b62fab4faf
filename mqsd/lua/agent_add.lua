-- Creates an agent, logged out. inc, agent, address, login, wrapuptime.
local function main()
  same_incarnation()
  local g = object('agent:' .. a.agent)
  if g.exists then refuse('agent_exists', 'there is an agent ' .. a.agent .. ' already') end
  put(g, 'name', a.agent)
  put(g, 'address', a.address)
  put(g, 'login', a.login)
  put(g, 'wrapuptime', a.wrapuptime)
  put(g, 'state', 'logged_out')
  put(g, 'since', now)
  g.exists = true
  zadd(zset('agents'), a.agent, 0)
  count('a:logged_out', 1)
  event('agent_added', {agent = a.agent, address = a.address, login = a.login})
end
