-- The records of a node's calls, ended ones too, a page at a time. inc, node, cursor (the last call). Reads only.
local function main()
  same_incarnation()
  local page
  page, reply.cursor = calls_behind('on:' .. a.node, a.cursor)
  reply.calls = {}
  for _, id in ipairs(page) do
    local c = object('call:' .. id)
    if c.exists then reply.calls[#reply.calls + 1] = call_view(c) end
  end
  if #reply.calls == 0 then reply.calls = nil end
end
