-- Asks the owner of a node, or of each, to compare its records with what is there, now: `looked` in nodes_read goes up
-- when that is done. inc, node (optional). Writes nothing: an owner that does not hear it looks at its own time.
local function main()
  same_incarnation()
  local names = has(a.node) and {node_of(a.node).f.name} or redis.call('SMEMBERS', typed('nodes', 'set'))
  table.sort(names)
  reply.items = {}
  for i, name in ipairs(names) do
    local f = object('node:' .. name).f
    reply.items[i] = {name = name, state = f.state, looked = tonumber(f.looked or '0')}
    bells['reconcile ' .. name] = true
  end
end
