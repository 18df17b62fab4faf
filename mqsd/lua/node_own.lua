-- Copies the lease of a node into the pool. inc, node, token (fixed width, so text orders it), instance, reason.
-- An older token is refused: its owner has been deposed.
local function main()
  same_incarnation()
  local n = object('node:' .. a.node)
  if not n.exists then refuse('no_such_node', 'there is no node ' .. a.node) end
  if has(n.f.token) and n.f.token > a.token then
    refuse('not_owner', 'node ' .. a.node .. ' has a newer owner, ' .. tostring(n.f.owner))
  end
  if n.f.token == a.token and n.f.inc == a.inc then return end
  event('node_owner', {node = a.node, instance = a.instance, old = n.f.owner, reason = a.reason})
  put(n, 'token', a.token)
  put(n, 'owner', a.instance)
  put(n, 'inc', a.inc)
end
