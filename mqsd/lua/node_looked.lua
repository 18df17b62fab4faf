-- The owner has compared its records with the node. inc, node, token, at (any number that goes up), found (JSON, what
-- came of it: see mqsd/reconcile.h).
local function main()
  same_incarnation()
  local n = expect_owner(a.node)
  put(n, 'looked', a.at)
  put(n, 'found', a.found)
end
