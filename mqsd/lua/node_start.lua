-- The owner is connected: is the node's process the one that the pool's records speak of? What is not there any
-- more was lost with it then. Reads only; node_state stores the start-up time when all is reconciled.
-- inc, node, token, startup.
local function main()
  same_incarnation()
  local n = expect_owner(a.node)
  reply.died = has(n.f.startup) and n.f.startup ~= a.startup
end
