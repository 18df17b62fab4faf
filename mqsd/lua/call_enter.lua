-- A caller is in Stasis. inc, node, token, channel, queue, entered (ms, the dialplan's stamp), number, name,
-- sip (Call-ID), try (Kamailio's to find the caller a node: of one Call-ID the higher the later), priority, call (what
-- the channel says its call id is, after Redis forgot).
-- The same channel twice is the same call. A queue that does not exist, or is closed, takes nobody in, and says so
-- (`sent_on`); but while the pool recovers it may come back, and a caller that has been here before shows that it was
-- there: `not_yet`. Such a one is no newcomer to a closed queue either.
local GRACE = 5000      -- ms since the recovery began that a known caller waits for its queue

local function new_id(entered)
  if has(a.call) and string.match(a.call, '^%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%-%d+$')
    and not object('call:' .. a.call).exists then
    return a.call
  end
  put(meta, 'seq', tonumber(meta.f.seq or '0') + 1)
  return string.format('%013.0f000-%07.0f', entered, tonumber(meta.f.seq) % 1e7)
end

-- A node that stood still may have a caller whom another node was given meanwhile, and come first or last. The caller is
-- where the last try went.
local function rival(try)
  local id = try and has(a.sip) and sget('sip:' .. a.sip)
  local c = id and object('call:' .. id)
  if c and c.exists and c.f.state ~= 'ended' and tonumber(c.f.try) ~= try then return c end
end

local function send_on(reason)
  event('call_refused', {queue = a.queue, node = a.node, channel = a.channel, sip_call_id = a.sip, number = a.number,
    reason = reason})
  reply.sent_on = reason
end

local function main()
  same_incarnation()
  expect_owner(a.node)
  local index = 'chan:' .. a.node .. ':' .. a.channel
  local known = sget(index)
  if known then
    reply.call = call_of(known)
    return
  end
  local try = tonumber(a.try or '')
  local other = rival(try)
  if other and try < tonumber(other.f.try) then
    reply.late = true
    return
  end
  local q = object('queue:' .. a.queue)
  if not q.exists then
    if meta.f.state == 'recovering' or (has(a.call) and now - tonumber(meta.f.recovering_since) < GRACE) then
      refuse('not_yet', 'queue ' .. a.queue .. ' is not there yet')
    end
    return send_on('no_such_queue')
  end
  if q.f.closed == 'yes' and not has(a.call) then return send_on('closed') end
  if other then
    call_finish(other, 'late')
    reply.claims = {other}
  end
  local entered = math.min(tonumber(a.entered or now) or now, now)
  local id = new_id(entered)
  local priority = math.max(-PRIORITY_MAX, math.min(PRIORITY_MAX, tonumber(a.priority or 0) or 0))
  local c = object('call:' .. id)
  put(c, 'id', id)
  put(c, 'queue', a.queue)
  put(c, 'node', a.node)
  put(c, 'channel', a.channel)
  put(c, 'sip', a.sip)
  put(c, 'try', try)
  put(c, 'number', a.number)
  put(c, 'name', a.name)
  put(c, 'entered', entered)
  put(c, 'priority', priority)
  put(c, 'score', call_score(c))
  put(c, 'open', '1')
  put(c, 'state', 'entering')
  -- A call that Redis had forgotten may have used numbers that nobody remembers; time is above them all.
  put(c, 'n', id == a.call and math.floor(now / 100) or 0)
  c.exists = true
  sput(index, id)
  if try and has(a.sip) then sput('sip:' .. a.sip, id) end
  zadd(zset('live:' .. a.queue), id, entered)
  zadd(zset('on:' .. a.node), id, entered)
  call_event('call_entered', c, {channel = a.channel, sip_call_id = a.sip, number = a.number,
    name = a.name, priority = priority, entered_ms = entered,
    reason = id == a.call and 'restored' or 'entered'})
  call_wait(c)
  reply.call = c
end
