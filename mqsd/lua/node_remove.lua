-- A node is removed; refused unless it is drained, without a call and without a channel of one. Replies with it as it
-- was. inc, node.
local function main()
  same_incarnation()
  local n = node_of(a.node)
  local live, kept = node_live(a.node), redis.call('ZCARD', typed('on:' .. a.node, 'zset'))
  if live > 0 then
    refuse('node_busy', 'node ' .. a.node .. ' has ' .. int(live) .. (live == 1 and ' call' or ' calls') ..
      ' on it' .. (has(n.f.drain) and ', and is draining' or ''))
  end
  if not has(n.f.drain) then
    refuse('node_in_use', 'node ' .. a.node .. ' is not drained: it may get a call at any moment')
  end
  if kept > 0 then
    refuse('node_busy', 'node ' .. a.node .. ' still hangs up the channels of ' .. int(kept) ..
      (kept == 1 and ' call' or ' calls'))
  end
  reply.node = {name = a.node, url = n.f.url, sip = n.f.sip, secret = has(n.f.user) or has(n.f.password)}
  circuit.forget(a.node)
  for _, name in ipairs({'nodes', 'draining', 'added'}) do srem(set(name), a.node) end
  drop(n)
  event('node_removed', {node = a.node, url = reply.node.url})
end
