-- An agent as it stands, and in a sentence why it gets no call; mqsd/view.c makes of it what the control API shows.
-- inc, agent, fields: their values are the reply's, in that order. Reads only.
local function counter(queue, state)
  return tonumber(redis.call('HGET', typed('count', 'hash'), 'q:' .. queue .. ':' .. state) or '0')
end

local function free_but(g)
  local queues, paused, waiting, kept = agent_queues(g), agent_paused_in(g) or {}, 0, 0
  if #queues == 0 then return 'It is free, and in no queue.' end
  local open = 0
  for _, q in ipairs(queues) do
    if not paused[q] then
      open = open + 1
      waiting, kept = waiting + counter(q, 'waiting'), kept + counter(q, 'held')
    end
  end
  if open == 0 then return 'It is free, and paused in each of its queues.' end
  if meta.f.state ~= 'ready' then return 'The pool is being recovered; calls are offered again when that is done.' end
  if waiting > 0 then return 'It is free, and a match is under way.' end
  return kept > 0 and 'It is free; ' .. kept .. ' callers of its queues are held, the others are served.'
    or 'It is free; nobody waits in its queues.'
end

local function seconds(at) return math.max(1, math.ceil((tonumber(at or '0') - now) / 1000)) .. ' s' end

local whys = {
  logged_out = function(f)
    return f.login == 'register' and f.registered ~= '1' and 'It is logged out: its phone is not registered.'
      or 'It is logged out.'
  end,
  ringing = function(f) return 'Its phone rings with call ' .. tostring(f.call) .. '.' end,
  talking = function(f) return 'It talks in call ' .. tostring(f.call) .. '.' end,
  wrapup = function(f) return 'It wraps up for another ' .. seconds(f.wrapup_until) .. '.' end,
  paused = function(f)
    return f.paused == 'misses' and 'It was paused because it missed ' .. (f.misses or 'some') .. ' calls in a row.'
      or 'It is paused: ' .. f.paused .. '.'
  end,
  unreachable = function() return 'Its phone could not be reached; its next registration ends that.' end,
  backoff = function(f) return 'It is left alone for another ' .. seconds(f.backoff) .. ' after a failed offer.' end,
}

local function why_no_call(g)
  local say = whys[agent_doing(g)]
  return say and say(g.f) or free_but(g)
end

local function main()
  same_incarnation()
  local g, flat = agent_of(a.agent), {}
  reply.fields = values(g, a.fields)
  for queue, membership_ in pairs(memberships(a.agent).f) do
    flat[#flat + 1] = queue
    flat[#flat + 1] = membership_
  end
  if #flat > 0 then reply.memberships = flat end
  reply.why = why_no_call(g)
end
