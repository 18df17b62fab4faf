-- What each mqsd holds Kamailio to, once a second: the names of the nodes that are to get no new callers. inc. Reads
-- only.
local function main()
  same_incarnation()
  local names = redis.call('SMEMBERS', typed('draining', 'set'))
  if #names > 0 then reply.draining = names end
end
