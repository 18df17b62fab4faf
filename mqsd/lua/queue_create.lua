-- Creates a queue. inc, queue, options = {name = value}.
local function main()
  same_incarnation()
  local q = object('queue:' .. a.queue)
  if q.exists then refuse('queue_exists', 'there is a queue ' .. a.queue .. ' already') end
  put(q, 'name', a.queue)
  for option, value in pairs(a.options) do put(q, option, value) end
  q.exists = true
  zadd(zset('queues'), a.queue, 0)
  event('queue_created', {queue = a.queue})
end
