-- Takes an agent out of the distribution; its call goes on. Replies with the reason that it was paused for. inc, agent,
-- reason.
local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  reply.before, reply.reason = g.f.paused, has(a.reason) and a.reason or 'paused'
  agent_pause(g, reply.reason)
end
