-- KEYS: a key of our own that nothing else uses. Runs every command that scripts and lists use once, on keys below it, so
-- that one which an ACL forbids is known before a script could stop half way at it; whatever else is wrong with Redis
-- its first write tells. Reply: the commands that are forbidden, in one line, "" when all are allowed.
-- tests/lint/rehearse.sh compares this list with the scripts.
local k = KEYS[1]
local rows = {
  {'HSET', k .. 'h', 'f', '1'}, {'TYPE', k .. 'h'}, {'HGET', k .. 'h', 'f'}, {'HMGET', k .. 'h', 'f'}, {'HGETALL', k .. 'h'},
  {'HINCRBY', k .. 'h', 'f', '1'}, {'HDEL', k .. 'h', 'f'},
  {'ZADD', k .. 'z', '0', 'm'}, {'ZRANGE', k .. 'z', '0', '0'}, {'ZRANGEBYLEX', k .. 'z', '-', '+'},
  {'ZRANGEBYSCORE', k .. 'z', '-inf', '+inf'},
  {'ZSCORE', k .. 'z', 'm'}, {'ZRANK', k .. 'z', 'm'}, {'ZCOUNT', k .. 'z', '-inf', '+inf'}, {'ZCARD', k .. 'z'}, {'ZREM', k .. 'z', 'm'},
  {'SADD', k .. 's', 'm'}, {'SISMEMBER', k .. 's', 'm'}, {'SMEMBERS', k .. 's'}, {'SRANDMEMBER', k .. 's'}, {'SREM', k .. 's', 'm'},
  {'SET', k .. 't', '1', 'PX', '1000'}, {'GET', k .. 't'}, {'MGET', k .. 't'}, {'PTTL', k .. 't'},
  {'XADD', k .. 'x', '*', 'f', '1'}, {'XLEN', k .. 'x'}, {'XRANGE', k .. 'x', '-', '+'},
  {'XINFO', 'GROUPS', k .. 'x'}, {'XTRIM', k .. 'x', 'MAXLEN', '0'},
  {'PUBLISH', k, ''}, {'TIME'}, {'DEL', k .. 'h', k .. 'z', k .. 's', k .. 't', k .. 'x'},
}
local forbidden = {}
for _, row in ipairs(rows) do
  local r = redis.pcall(unpack(row))
  if type(r) == 'table' and r.err then
    local acl = string.find(r.err, 'NOPERM') or string.find(r.err, 'The user executing the script')
      or string.find(r.err, 'ACL failure')
    if not acl then return redis.error_reply(r.err) end
    forbidden[#forbidden + 1] = row[1]
  end
end
return table.concat(forbidden, ' ')
