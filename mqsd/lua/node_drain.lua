-- A node is to get no new callers; its calls go on to their end. inc, node. `already`: it was wished before.
local function main()
  same_incarnation()
  local n = node_of(a.node)
  reply.already = has(n.f.drain)
  if not reply.already then drain_begin(n) end
  drain_step()
  reply.node = {name = a.node, drain = drain_view(n), calls = node_live(a.node), drain_ms = now - tonumber(n.f.drain)}
end
