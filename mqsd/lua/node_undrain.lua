-- A node is to get new callers again. inc, node. `already`: nothing else was wished.
local function main()
  same_incarnation()
  local n = node_of(a.node)
  reply.already = not has(n.f.drain)
  if not reply.already then
    event('node_undrained', {node = a.node, after_ms = now - tonumber(n.f.drain)})
    put(n, 'drain', '')
    put(n, 'empty', '')
    srem(set('draining'), a.node)
  end
  reply.node = {name = a.node, calls = node_live(a.node)}
end
