-- The members of a queue, a page at a time, by name. queue, cursor. Reads only.
local function main()
  same_incarnation()
  queue_of(a.queue)
  local names = redis.call('HKEYS', typed('members:' .. a.queue, 'hash'))
  table.sort(names)
  local from, page = tonumber(a.cursor or 0), {}
  for i = from + 1, math.min(from + BATCH, #names) do
    local g = object('agent:' .. names[i])
    page[#page + 1] = {agent = names[i], penalty = tonumber(memberships(names[i]).f[a.queue] or '0'),
      state = g.f.state, paused = has(g.f.paused), unreachable = g.f.unreachable == '1'}
  end
  if #page > 0 then reply.items = page end
  if from + BATCH < #names then reply.cursor = from + BATCH end
end
