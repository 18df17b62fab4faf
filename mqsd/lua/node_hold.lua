-- Holds (hold = true) or releases the waiting calls of a node, a page at a time.
-- inc, node, token, hold, reason, cursor (the last call); the reply has `cursor` while there are more.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local page
  page, reply.cursor = calls_behind('on:' .. a.node, a.cursor)
  for _, id in ipairs(page) do
    local c = object('call:' .. id)
    if a.hold and c.f.state == 'waiting' then
      call_move(c, 'held')
      put(c, 'held_reason', a.reason)
      call_event('call_held', c, {state = 'waiting', reason = a.reason})
    elseif not a.hold and c.f.state == 'held' then
      call_release(c, a.reason)
    end
  end
end
