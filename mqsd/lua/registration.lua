-- Kamailio saw a phone register (ev = reg), unregister (unreg) or stay away (expired). inc, ev, aor.
-- Names that are no agent's are nobody's concern. A phone that registers again and again logs its agent in
-- only the first time, or an operator's logout would last until the next refresh.
local function main()
  same_incarnation()
  local g = object('agent:' .. a.aor)
  if not g.exists then
    reply.ignored = true
    return
  end
  if a.ev == 'reg' then
    agent_reachable(g, 'registered')
    if g.f.registered == '1' then return end
    event('agent_registered', {agent = a.aor})
    put(g, 'registered', '1')
    if g.f.login == 'register' then
      put(g, 'logout', '')
      if g.f.state == 'logged_out' then agent_move(g, 'idle', 'registered') end
    end
    return
  end
  if g.f.registered == '1' then event('agent_unregistered', {agent = a.aor, reason = a.ev}) end
  put(g, 'registered', '')
  if g.f.login == 'register' then agent_log_out(g, a.ev) end
end
