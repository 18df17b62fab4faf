-- A node is added at run time. inc, node, url, user, password ('' both: those of each mqsd.conf), sip (its address).
local function main()
  same_incarnation()
  local n = object('node:' .. a.node)
  if n.exists then refuse('node_exists', 'there is a node ' .. a.node .. ' already, at ' .. tostring(n.f.url)) end
  node_add(n, a)
  event('node_added', {node = a.node, url = a.url, sip = a.sip})
end
