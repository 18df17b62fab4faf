-- Asks an instance to leave. KEYS: mqs:leave:<instance>. ARGV: since (of the life that is meant: the next is not), ms.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.pcall('PUBLISH', 'mqs:bell', 'lease')
return 1
