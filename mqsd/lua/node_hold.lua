-- Holds (hold = true) or releases the waiting calls of a node, as its state asks for, a page at a time.
-- inc, node, token, hold, reason (of a release), cursor (the last call); the reply has `cursor` while there are more.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local page
  page, reply.cursor = calls_behind('on:' .. a.node, a.cursor)
  for _, id in ipairs(page) do
    local c = object('call:' .. id)
    if a.hold and c.f.state == 'waiting' then call_wait(c)
    elseif not a.hold and c.f.state == 'held' then call_release(c, a.reason) end
  end
end
