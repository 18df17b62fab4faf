-- An instance shows that it lives, and sees who else does and who holds which node.
-- KEYS: mqs:instances, mqs:leave:<instance>, then mqs:lease:<node> and mqs:token:<node> of each of its nodes.
-- ARGV: instance, since (when this life of it began), ms that it counts as alive, what others may know of it (JSON).
-- Reply: {1 when it is asked to leave, {instance, what it says of itself, ...},
--         {lease or '', last token or '', ms that the lease is good for, ...}}
local MAX = 64      -- instances that are told of
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local raw = redis.call('HGETALL', KEYS[1])
local leave = redis.call('GET', KEYS[2]) == ARGV[2]
local leases = #KEYS > 2 and redis.call('MGET', unpack(KEYS, 3)) or {}
local live, names, reply, known = {[ARGV[1]] = ARGV[4]}, {ARGV[1]}, {}, false
for i = 1, #raw, 2 do
  local till, about = string.match(raw[i + 1], '^(%d+) (.*)$')
  if raw[i] == ARGV[1] then known = true
  elseif till and tonumber(till) > now then
    live[raw[i]] = about
    names[#names + 1] = raw[i]
  else redis.call('HDEL', KEYS[1], raw[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', now + tonumber(ARGV[3])) .. ARGV[4])
if not known then redis.pcall('PUBLISH', 'mqs:bell', 'lease') end
redis.pcall('PUBLISH', 'mqs:bell:' .. ARGV[1], 'beat')
table.sort(names)
for i = 1, math.min(#names, MAX) do
  reply[#reply + 1] = names[i]
  reply[#reply + 1] = live[names[i]]
end
local held = {}
for i = 1, #leases, 2 do
  held[#held + 1] = leases[i] or ''
  held[#held + 1] = leases[i + 1] or ''
  held[#held + 1] = redis.call('PTTL', KEYS[i + 2])
end
return {leave and 1 or 0, reply, held}
