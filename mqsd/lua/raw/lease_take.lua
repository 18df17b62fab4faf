-- KEYS: mqs:lease:<node>, mqs:token:<node>. ARGV: instance, ms, mine ("1": a lease of this very instance
-- is left over from a process that is known to be gone).
-- Reply: {1, token} or {0, holder's token, ms left}. A token is 16 digits of time in µs, never going back, ":instance".
local held = redis.call('GET', KEYS[1])
if held and not (ARGV[3] == '1' and string.sub(held, 18) == ARGV[1]) then
  return {0, held, redis.call('PTTL', KEYS[1])}
end
local t = redis.call('TIME')
local n = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, tonumber(t[1]) * 1000000 + tonumber(t[2]))
local token = string.format('%016.0f', n) .. ':' .. ARGV[1]
redis.call('SET', KEYS[2], string.format('%.0f', n))
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
return {1, token}
