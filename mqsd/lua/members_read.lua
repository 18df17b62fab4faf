-- The members of a queue, a page at a time, by name. inc, queue, cursor (the last name). Reads only.
local function main()
  same_incarnation()
  queue_of(a.queue)
  local from = has(a.cursor) and '(' .. a.cursor or '-'
  local names = redis.call('ZRANGEBYLEX', typed('members:' .. a.queue, 'zset'), from, '+', 'LIMIT', 0, BATCH)
  local page = {}
  for i, name in ipairs(names) do
    local g = object('agent:' .. name)
    local penalty, paused = membership(name, a.queue)
    page[i] = {agent = name, penalty = penalty or 0, paused_here = has(paused) and paused or nil,
      state = g.f.state, paused = has(g.f.paused), unreachable = g.f.unreachable == '1'}
  end
  if #page > 0 then reply.items = page end
  if #names == BATCH then reply.cursor = names[BATCH] end
end
