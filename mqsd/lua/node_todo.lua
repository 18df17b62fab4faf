-- Calls of a node that another than its owner has changed, as records, for the owner to act on: some of them, `again`
-- when there are more. Those that it has seen are crossed out, unless they have changed again.
-- inc, node, token, done = {call = v} (optional).
local PAGE = 32
local function main()
  same_incarnation()
  expect_owner(a.node)
  local todo, calls = set('todo:' .. a.node), {}
  for id, v in pairs(a.done or {}) do
    local c = object('call:' .. id)
    if not c.exists or c.f.v == v then srem(todo, id) end
  end
  for _, id in ipairs(redis.call('SRANDMEMBER', todo.key, BATCH)) do
    local c = object('call:' .. id)
    if not c.exists then srem(todo, id)
    elseif not todo.rem[id] then
      if #calls == PAGE then reply.again = true
      else calls[#calls + 1] = call_view(c) end
    end
  end
  if #calls > 0 then reply.calls = calls end
end
