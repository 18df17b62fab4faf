-- Goes on with a match that was too large for one script, or (all = true) looks at every queue once, page by
-- page, when an instance begins to decide. inc, queues or all + cursor.
local function main()
  same_incarnation()
  local queues = a.queues
  if a.all then
    local from = tonumber(a.cursor or 0)
    queues = redis.call('ZRANGE', typed('queues', 'zset'), from, from + BATCH - 1)
    if #queues == BATCH then reply.cursor = from + BATCH end
  end
  for _, q in ipairs(queues) do dirty_queues[q] = true end
end
