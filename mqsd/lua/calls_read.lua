-- Live calls as the control API shows them: one (call), or a page (cursor "node:last call"), narrowed by
-- queue, state and from (the caller's number, or its end). One that is asked for says in a sentence why it waits.
-- Reads only.
local doings = {      -- of members, in the order in which they are told
  {'idle', 'is idle', 'are idle'}, {'talking', 'talks', 'talk'}, {'ringing', 'rings', 'ring'},
  {'wrapup', 'wraps up', 'wrap up'}, {'paused', 'is paused', 'are paused'},
  {'paused_here', 'is paused in this queue', 'are paused in this queue'},
  {'unreachable', 'is unreachable', 'are unreachable'},
  {'backoff', 'is left alone after a failed offer', 'are left alone after failed offers'},
  {'logged_out', 'is logged out', 'are logged out'}}

-- What the members of the queue do, the first BATCH of them.
local function why_no_member(queue)
  local names = redis.call('ZRANGEBYLEX', typed('members:' .. queue, 'zset'), '-', '+', 'LIMIT', 0, BATCH)
  local total = redis.call('ZCARD', typed('members:' .. queue, 'zset'))
  if total == 0 then return 'the queue has no members' end
  if tonumber(redis.call('HGET', typed('count', 'hash'), 'q:' .. queue .. ':logged_in') or '0') <= 0 then
    return total == 1 and 'its one member is not logged in' or 'none of its ' .. total .. ' members is logged in'
  end
  local number, told = {}, {}
  for _, name in ipairs(names) do
    local _, paused = membership(name, queue)
    local doing = agent_doing(object('agent:' .. name))
    if doing == 'idle' and has(paused) then doing = 'paused_here' end
    number[doing] = (number[doing] or 0) + 1
  end
  for _, row in ipairs(doings) do
    local n = number[row[1]]
    if n then told[#told + 1] = n .. ' ' .. (n == 1 and row[2] or row[3]) end
  end
  return (number.idle and 'a match is under way (' or 'no member is free (')
    .. (total > BATCH and 'of the first ' .. BATCH .. ' of them ' or '') .. table.concat(told, ', ') .. ')'
end

local AGAIN = '; it is offered again, at its place, '
local held = {
  retry = function(c)
    return 'its last offer failed on the way to a phone' .. AGAIN .. 'in '
      .. math.max(1, math.ceil((tonumber(c.f.retry or '0') - now) / 1000)) .. ' s'
  end,
  node_unreachable = function(c) return 'its node ' .. c.f.node .. ' is unreachable' .. AGAIN .. 'when that is back' end,
  node_dead = function(c) return 'its node ' .. c.f.node .. ' is dead' end,
  node_failing = function(c)
    return 'its node ' .. c.f.node .. ' reaches no phones: one call at a time tries' .. AGAIN .. 'when one got through'
  end,
  kamailio_failing = function()
    return 'no node reaches a phone through Kamailio: one call at a time tries' .. AGAIN .. 'when one got through'
  end,
}

local function why_waits(c, position)
  local f, leg = c.f, call_legs(c)[1]
  if f.state == 'ringing' and leg then
    return 'It is offered to agent ' .. leg.agent .. (leg.dialled and ', whose phone is rung.' or '.')
  elseif f.state == 'held' then
    local say = held[f.held_reason]
    return 'It is held: ' .. (say and say(c) or f.held_reason) .. '.'
  elseif f.state ~= 'waiting' then return nil end
  if meta.f.state ~= 'ready' then return 'The pool is being recovered; calls are offered again when that is done.' end
  return 'It is ' .. (position == 1 and 'the first' or 'number ' .. tostring(position)) .. ' in queue ' .. f.queue
    .. ': ' .. why_no_member(f.queue) .. '.'
end

local function view(c)
  local f = c.f
  local leg = call_legs(c)[1]
  local rank = f.state == 'waiting' and redis.call('ZRANK', typed('wait:' .. f.queue, 'zset'), f.id)
  return {id = f.id, queue = f.queue, state = f.state, node = f.node, channel = f.channel, v = f.v,
    sip_call_id = f.sip, number = f.number, name = f.name, entered_ms = tonumber(f.entered),
    wait_ms = math.max(0, tonumber(f.answered or f.ended or now) - tonumber(f.entered)),
    position = rank and rank + 1 or nil, priority = tonumber(f.priority or '0'),
    agent = f.agent or (leg and leg.agent), leg = f.leg or (leg and leg.id),
    offers = tonumber(f.offers or '0'), held_reason = f.held_reason, reason = f.reason,
    talk_ms = f.answered and now - tonumber(f.answered) or 0}
end

local function wanted(f)
  if f.state == 'ended' or not f.id then return false end
  if has(a.queue) and f.queue ~= a.queue then return false end
  if has(a.state) and f.state ~= a.state then return false end
  return not has(a.from) or string.sub(f.number or '', -#a.from) == a.from
end

local function main()
  same_incarnation()
  if has(a.call) then
    local c = call_of(a.call)
    reply.call_view = view(c)
    reply.call_view.why = why_waits(c, reply.call_view.position)
    return
  end
  local nodes = redis.call('SMEMBERS', typed('nodes', 'set'))
  table.sort(nodes)
  local node, last = string.match(a.cursor or ':', '^([^:]*):(.*)$')
  while nodes[1] and nodes[1] < node do table.remove(nodes, 1) end
  if not nodes[1] then return end
  if nodes[1] ~= node then last = '' end
  local items = {}
  local page, cursor = calls_behind('on:' .. nodes[1], last)
  for _, id in ipairs(page) do
    local c = object('call:' .. id)
    if wanted(c.f) then items[#items + 1] = view(c) end
  end
  if #items > 0 then reply.items = items end
  if cursor then reply.cursor = nodes[1] .. ':' .. cursor
  elseif nodes[2] then reply.cursor = nodes[2] .. ':' end
end
