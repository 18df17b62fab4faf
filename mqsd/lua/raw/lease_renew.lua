-- KEYS: mqs:lease:<node>. ARGV: token, ms. Reply: 1 renewed (also when it had run out and nobody took it), 0 taken
-- by another.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
