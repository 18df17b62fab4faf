-- A call as it stands, its rank in its queue from 0, if it waits, and in a sentence why it does; mqsd/view.c makes of it
-- what the control API shows. inc, call, fields: their values are the reply's, in that order. Reads only.
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

local function main()
  same_incarnation()
  local c = call_of(a.call)
  reply.fields = values(c, a.fields)
  local rank = c.f.state == 'waiting' and redis.call('ZRANK', typed('wait:' .. c.f.queue, 'zset'), a.call)
  reply.rank = rank or nil
  reply.why = why_waits(c, rank and rank + 1)
end
