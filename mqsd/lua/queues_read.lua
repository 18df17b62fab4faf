-- Queues as the control API shows them: one (queue), or a page (cursor: the last name). Reads only.
local function counter(name, state)
  return tonumber(redis.call('HGET', typed('count', 'hash'), 'q:' .. name .. ':' .. state) or '0')
end

local function view(q)
  local v, name = {}, q.f.name
  for field, value in pairs(q.f) do v[field] = tonumber(value) or value end
  v.closed = q.f.closed == 'yes'
  v.name, v.v = name, q.f.v
  for _, state in ipairs({'waiting', 'held', 'ringing', 'talking', 'logged_in'}) do
    v[state] = math.max(0, counter(name, state))
  end
  v.members = redis.call('ZCARD', typed('members:' .. name, 'zset'))
  v.idle = redis.call('ZCARD', typed('idle:' .. name, 'zset'))
  local first = redis.call('ZRANGE', typed('wait:' .. name, 'zset'), 0, 0)[1]
  v.longest_wait_ms = first and now - tonumber(object('call:' .. first).f.entered or now) or 0
  return v
end

local function main()
  same_incarnation()
  if has(a.queue) then
    reply.queue = view(queue_of(a.queue))
    return
  end
  local from = has(a.cursor) and '(' .. a.cursor or '-'
  local page = redis.call('ZRANGEBYLEX', typed('queues', 'zset'), from, '+', 'LIMIT', 0, BATCH)
  if #page == BATCH then reply.cursor = page[BATCH] end
  for i, name in ipairs(page) do page[i] = view(queue_of(name)) end
  if #page > 0 then reply.items = page end
end
