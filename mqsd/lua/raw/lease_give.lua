-- Gives a lease back, to the instance that holds the fewest nodes. KEYS: mqs:lease:<node>, then mqs:lease:<node> of all
-- nodes of this instance. ARGV: token, ms that the other has to take it, why, then the instances that the nodes are
-- shared with. why: `share` gives only where that makes the shares more even, `leave` gives in any case.
-- Reply: {1, to whom ('': whoever comes)} or {0, what stands there}
local held = redis.call('GET', KEYS[1])
if held ~= ARGV[1] then return {0, held or ''} end
local count, to = {}, nil
for i = 2, #KEYS do
  local h = redis.call('GET', KEYS[i])
  local by = h and (string.match(h, '^free:(.*)$') or string.sub(h, 18)) or ''
  count[by] = (count[by] or 0) + 1
end
for i = 4, #ARGV do
  if not to or (count[ARGV[i]] or 0) < (count[to] or 0) then to = ARGV[i] end
end
local mine = count[string.sub(ARGV[1], 18)] or 0
if ARGV[3] == 'share' and (not to or mine - (count[to] or 0) < 2) then return {0, held} end
if to then redis.call('SET', KEYS[1], 'free:' .. to, 'PX', ARGV[2])
else redis.call('SET', KEYS[1], 'free:') end
redis.pcall('PUBLISH', 'mqs:bell', 'lease')
return {1, to or ''}
