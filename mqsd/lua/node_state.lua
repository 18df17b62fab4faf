-- The owner says how its node is. inc, node, token, state, reason, asterisk (version), startup (both when known).
-- The last node may end a recovery.
local function main()
  same_incarnation()
  local n = expect_owner(a.node)
  if has(a.asterisk) then put(n, 'asterisk', a.asterisk) end
  if has(a.startup) and a.state == 'up' then put(n, 'startup', a.startup) end
  if n.f.state ~= a.state then
    local was = n.f.state
    event('node_state', {node = a.node, old = n.f.state, new = a.state, reason = a.reason})
    put(n, 'state', a.state)
    put(n, 'since', now)
    if was == 'up' then     -- what a node lost is told until it goes the next time
      put(n, 'lost', '')
      put(n, 'freed', '')
    end
    if a.state == 'dead' then circuit.forget(a.node) end
  end
  put(n, 'settled', (a.state == 'up' or a.state == 'unreachable' or a.state == 'dead') and a.inc or '')
  recovery_step()
end
