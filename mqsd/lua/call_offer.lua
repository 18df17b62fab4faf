-- Offers a waiting call to an idle agent now, ahead of all who wait longer: one who is not in its queue, or is paused
-- there, as any other would have a call already. inc, call, agent, v (optional).
local function main()
  same_incarnation()
  if meta.f.state ~= 'ready' then refuse('recovering', 'the pool is being recovered; nothing is offered') end
  if a.drain then refuse('leaving', 'this mqsd is leaving; ask another one') end
  local c, g = call_of(a.call), agent_of(a.agent)
  expect_version(c, a.v)
  call_waiting(c)
  local why, bar = c.f.held_reason or call_bar(c), agent_bar(g)
  if why then refuse('not_waiting', 'call ' .. a.call .. ' is held: ' .. why) end
  if bar then refuse('agent_not_free', 'agent ' .. a.agent .. ' is ' .. bar) end
  claim(c, g, 'operator')
  reply.call = c
end
