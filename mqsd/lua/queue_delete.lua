-- Deletes a queue, its members a page at a time (`more` says that it is to be run again). Refused while it
-- has calls. inc, queue.
local function main()
  same_incarnation()
  local q = queue_of(a.queue)
  if redis.call('ZCARD', typed('live:' .. a.queue, 'zset')) > 0 then
    refuse('queue_busy', 'queue ' .. a.queue .. ' has calls in it')
  end
  local all, n = members(a.queue), 0
  for name in pairs(all.f) do
    if all.f[name] ~= '' then
      if n == BATCH then
        reply.again = true
        return
      end
      n = n + 1
      member_drop(a.queue, name)
    end
  end
  drop(all)
  drop(q)
  zrem(zset('queues'), a.queue)
  event('queue_deleted', {queue = a.queue})
end
