-- Takes a lease. KEYS: mqs:lease:<node>, mqs:token:<node>, then mqs:lease:<node> of all nodes of this instance.
-- ARGV: instance, ms, why, then the instances that the nodes are shared with. why:
--   restarted  this very instance had it last, in a life that is known to be over
--   given      its last owner gave it back, to this instance or to whoever comes
--   expired    it was seen to have run out, twice; whoever has fewer nodes goes first
--   abandoned  the same, and nobody has taken it since
-- Reply: {1, token} or {0, what stands there}. A token is 16 digits of time in µs, never going back, ":instance"; the
-- last one stays under mqs:token:<node>. "free:<instance>" is a lease given back to that instance, "free:" to anybody.
local me, why = ARGV[1], ARGV[3]
local held = redis.call('GET', KEYS[1])
local last = redis.call('GET', KEYS[2]) or '0'
local to = held and string.match(held, '^free:(.*)$')
local free = not held
if why == 'restarted' then free = string.sub(held or last, 18) == me
elseif why == 'given' then free = to == me or to == '' end
if not free then return {0, held or ''} end
if why == 'expired' or to == '' then
  local count = {}
  for i = 3, #KEYS do
    local h = redis.call('GET', KEYS[i])
    local by = h and (string.match(h, '^free:(.*)$') or string.sub(h, 18)) or ''
    count[by] = (count[by] or 0) + 1
  end
  for i = 4, #ARGV do
    if (count[ARGV[i]] or 0) < (count[me] or 0) then return {0, held or ''} end
  end
end
local t = redis.call('TIME')
local n = math.max(tonumber(string.match(last, '^%d+')) + 1, tonumber(t[1]) * 1000000 + tonumber(t[2]))
local token = string.format('%016.0f', n) .. ':' .. me
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
return {1, token}
