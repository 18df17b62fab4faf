-- Nodes as the control API shows them. Reads only.
local function main()
  same_incarnation()
  local names = redis.call('SMEMBERS', typed('nodes', 'set'))
  table.sort(names)
  local items = {}
  for i = 1, math.min(#names, 256) do
    local f = object('node:' .. names[i]).f
    local v = {name = names[i], url = f.url, state = f.state, owner = f.owner, asterisk = f.asterisk,
      since_ms = now - tonumber(f.since or now), lost = tonumber(f.lost or '0'), freed = tonumber(f.freed or '0')}
    for _, state in ipairs({'waiting', 'held', 'ringing', 'talking'}) do
      v[state] = math.max(0, tonumber(
        redis.call('HGET', typed('count', 'hash'), 'n:' .. names[i] .. ':' .. state) or '0'))
    end
    v.drain = drain_view(object('node:' .. names[i]))
    v.drain_ms = v.drain and now - tonumber(f.drain)
    v.added = shas(set('added'), names[i]) or nil
    v.looked = tonumber(f.looked or '0')
    v.found = has(f.found) and cjson.decode(f.found) or nil
    v.circuit = circuit.view(names[i])
    v.phones = v.circuit and 'failing' or 'ok'
    items[i] = v
  end
  if #items > 0 then reply.items = items end
end
