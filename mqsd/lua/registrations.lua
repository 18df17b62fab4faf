-- What Kamailio saw phones do since the pool last looked, in its order, by whichever instance comes: they register
-- (ev = reg), unregister (unreg) or stay away (expired). `again` when there is more, `at` is how far the pool has come.
-- Names that are no agent's are nobody's concern. A phone that registers again and again logs its agent in only the
-- first time, or an operator's logout would last until the next refresh. inc.
local PAGE = 16

local function heard(g, ev)
  if ev == 'reg' then
    agent_reachable(g, 'registered')
    if g.f.registered == '1' then return end
    event('agent_registered', {agent = g.f.name})
    put(g, 'registered', '1')
    if g.f.login == 'register' then
      put(g, 'logout', '')
      if g.f.state == 'logged_out' then agent_move(g, 'idle', 'registered') end
    end
    return
  end
  if g.f.registered == '1' then event('agent_unregistered', {agent = g.f.name, reason = ev}) end
  put(g, 'registered', '')
  if g.f.login == 'register' then agent_log_out(g, ev) end
end

local function main()
  same_incarnation()
  local from = has(meta.f.heard) and '(' .. meta.f.heard or '-'
  local page = redis.call('XRANGE', typed('reg', 'stream'), from, '+', 'COUNT', PAGE)
  for _, entry in ipairs(page) do
    local said = {}
    for i = 1, #entry[2] - 1, 2 do said[entry[2][i]] = entry[2][i + 1] end
    local g = has(said.aor) and #said.aor <= 64 and object('agent:' .. said.aor)
    if g and g.exists and has(said.ev) then heard(g, said.ev) end
    put(meta, 'heard', entry[1])
  end
  reply.again = #page == PAGE
  reply.at = has(meta.f.heard) and meta.f.heard or '0-0'
end
