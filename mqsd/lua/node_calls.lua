-- The records of a node's calls, ended ones too, a page at a time. inc, node, cursor. Reads only.
local function main()
  same_incarnation()
  local from = tonumber(a.cursor or 0)
  local page = redis.call('ZRANGE', typed('on:' .. a.node, 'zset'), from, from + BATCH - 1)
  reply.calls = {}
  for _, id in ipairs(page) do
    local c = object('call:' .. id)
    if c.exists then reply.calls[#reply.calls + 1] = call_view(c) end
  end
  if #page == BATCH then reply.cursor = from + BATCH end
  if #reply.calls == 0 then reply.calls = nil end
end
