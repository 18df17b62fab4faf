-- Holds (hold = true) or releases the waiting calls of a node, a page at a time.
-- inc, node, token, hold, reason, cursor; the reply has `cursor` while there are more.
local function main()
  same_incarnation()
  expect_owner(a.node)
  local from = tonumber(a.cursor or 0)
  local page = redis.call('ZRANGE', typed('on:' .. a.node, 'zset'), from, from + BATCH - 1)
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
  if #page == BATCH then reply.cursor = from + BATCH end
end
