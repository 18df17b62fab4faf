-- An instance opens the pool. inc, instance, version, nodes = [{name, url, drain (the wish, should Redis have lost it),
-- added, user, password, sip (as in node_add, should Redis have lost it)}].
-- A Redis that we do not know (restarted, failed over, wiped or new) starts a recovery: every token is
-- void, and nothing is claimed until each node has been reconciled or left out.
local function main()
  local changed = meta.f.inc ~= a.inc
  if changed then
    local empty = not meta.exists
    event('recovery_started', {reason = empty and 'empty' or 'redis_changed'})
    put(meta, 'wiped', empty and '1' or '')
    put(meta, 'intact', meta.f.config or '0')     -- what is of a later version may have been lost
    put(meta, 'restoring', '')
    put(meta, 'told', '')
    put(meta, 'inc', a.inc)
    put(meta, 'state', 'recovering')
    put(meta, 'recovering_since', now)
  end
  -- Redis lost all since this instance was last here, even if the others have recovered meanwhile.
  local wiped = has(meta.f.wiped) and a.opened ~= meta.f.recovering_since
  for _, row in ipairs(a.nodes) do
    local n = object('node:' .. row.name)
    local gone = not n.exists or not has(n.f.name)
    -- What was added and is not there was removed, unless Redis has lost all.
    if not row.added or not gone or wiped then
      if gone and row.added then node_add(n, row)
      elseif gone then node_begin(n, row.name) end
      if row.drain and not has(n.f.drain) and wiped then drain_begin(n) end
      put(n, 'url', row.url)
      if changed then put(n, 'token', '') end
    end
  end
  put(meta, 'left_' .. a.instance, '')     -- it is back: missed again when it goes without a word
  event('instance_started', {instance = a.instance, version = a.version})
  reply.state = meta.f.state
  reply.opened = meta.f.recovering_since
end
