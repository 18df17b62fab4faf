-- Deletes a queue, its members a page at a time (`again` says that it is to be run again). Refused while it
-- has calls. Replies with the members that went, and at the end with the queue as it was. inc, queue, kept (optional).
local function main()
  same_incarnation()
  local q = queue_of(a.queue)
  expect_kept(q)
  if redis.call('ZCARD', typed('live:' .. a.queue, 'zset')) > 0 then
    refuse('queue_busy', 'queue ' .. a.queue .. ' has calls in it')
  end
  local page = redis.call('ZRANGE', zset('members:' .. a.queue).key, 0, BATCH)
  if #page > 0 then reply.members = {} end
  for i = 1, math.min(#page, BATCH) do
    local penalty, paused = membership(page[i], a.queue)
    reply.members[i] = {agent = page[i], penalty = penalty, paused = paused}
    member_drop(a.queue, page[i])
  end
  if #page > BATCH then
    reply.again = true
    return
  end
  reply.queue = queue_kept(q)
  drop(q)
  zrem(zset('queues'), a.queue)
  event('queue_deleted', {queue = a.queue})
end
