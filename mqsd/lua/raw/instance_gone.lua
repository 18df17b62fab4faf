-- An instance is no more. KEYS: mqs:instances, mqs:leave:<instance>. ARGV: instance.
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
redis.pcall('PUBLISH', 'mqs:bell', 'lease')
return 1
