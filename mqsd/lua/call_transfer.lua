-- Lets the agent of a conversation go, so that its caller waits again in a queue: the node's owner hangs up the leg, and
-- when that is seen to be gone channel_gone puts the call there. inc, call, queue, v (optional).
local function main()
  same_incarnation()
  local c = call_of(a.call)
  expect_version(c, a.v)
  queue_taking(a.queue)
  if c.f.state ~= 'talking' then refuse('not_talking', 'call ' .. a.call .. ' is ' .. c.f.state) end
  if not has(c.f.bridged) then
    refuse('not_talking', 'call ' .. a.call .. ' is just being connected to agent ' .. c.f.agent)
  end
  put(c, 'transfer', a.queue)
  reply.call = c
end
