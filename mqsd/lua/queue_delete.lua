-- Deletes a queue, its members a page at a time (`again` says that it is to be run again). Refused while it
-- has calls. inc, queue, kept (optional).
local function main()
  same_incarnation()
  local q = queue_of(a.queue)
  expect_kept(q)
  if redis.call('ZCARD', typed('live:' .. a.queue, 'zset')) > 0 then
    refuse('queue_busy', 'queue ' .. a.queue .. ' has calls in it')
  end
  local page = redis.call('ZRANGE', zset('members:' .. a.queue).key, 0, BATCH)
  for i = 1, math.min(#page, BATCH) do member_drop(a.queue, page[i]) end
  if #page > BATCH then
    reply.again = true
    return
  end
  drop(q)
  zrem(zset('queues'), a.queue)
  event('queue_deleted', {queue = a.queue})
end
