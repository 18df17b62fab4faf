-- What each mqsd follows of the nodes, once a second: the names of those that are to get no new callers, and those that
-- were added at run time, with what is needed to connect to them. inc. Reads only.
local function main()
  same_incarnation()
  local names = redis.call('SMEMBERS', typed('draining', 'set'))
  if #names > 0 then reply.draining = names end
  local added = redis.call('SMEMBERS', typed('added', 'set'))
  table.sort(added)
  for i, name in ipairs(added) do
    local f = object('node:' .. name).f
    added[i] = {name = name, url = f.url, user = f.user or '', password = f.password or '', sip = f.sip or ''}
  end
  if #added > 0 then reply.added = added end
end
