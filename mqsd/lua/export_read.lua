-- What a copy needs that has seen every version up to `since` ('' or none: nothing), a page at a time, oldest change
-- first. The cursor is the next page's `since`. A `forget` above what was seen asks to begin anew. inc, since. Reads only.
local PAGE = 16       -- an agent may be in 64 queues

local function main()
  same_incarnation()
  local from = has(a.since) and '(' .. a.since or '-inf'
  local raw = redis.call('ZRANGEBYSCORE', typed('changed', 'zset'), from, '+inf', 'WITHSCORES', 'LIMIT', 0, PAGE)
  local items = {}
  for i = 1, #raw, 2 do
    local o, version = object(raw[i]), tonumber(raw[i + 1])
    items[#items + 1] = o.name:sub(1, 6) == 'queue:' and queue_kept(o, version) or agent_kept(o, version)
  end
  if #items > 0 then reply.items = items end
  if #items == PAGE then reply.cursor = raw[#raw] end
  reply.forget, reply.born = meta.f.forget, meta.f.born
end
