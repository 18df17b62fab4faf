-- What there is to be listed, a page of names at a time. inc, of: `calls` (their ids, node by node; cursor "node:last
-- call"), `agents`, or `members` of a queue (queue), both by name (cursor: the last). Reads only.
local PAGE = 1000     -- names alone, without what they stand for

local function calls()
  local nodes, names = redis.call('SMEMBERS', typed('nodes', 'set')), {}
  table.sort(nodes)
  local at, last = string.match(a.cursor or ':', '^([^:]*):(.*)$')
  for _, node in ipairs(nodes) do
    if node >= at then
      if #names == PAGE then return names, node .. ':' end
      local page, more = calls_behind('on:' .. node, node == at and last or '', PAGE - #names)
      for _, id in ipairs(page) do names[#names + 1] = id end
      if more then return names, node .. ':' .. more end
    end
  end
  return names
end

local function named(index)
  local from = has(a.cursor) and '(' .. a.cursor or '-'
  local page = redis.call('ZRANGEBYLEX', typed(index, 'zset'), from, '+', 'LIMIT', 0, PAGE)
  return page, page[PAGE]
end

local function main()
  same_incarnation()
  local names
  if a.of == 'calls' then names, reply.cursor = calls()
  elseif a.of == 'members' then
    queue_of(a.queue)
    names, reply.cursor = named('members:' .. a.queue)
  else names, reply.cursor = named('agents') end
  if #names > 0 then reply.names = names end
end
