-- Agents as the control API shows them: one (agent), who says in a sentence why it gets no call, or a page (cursor: the
-- last name). Reads only.
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

local function view(g)
  local f = g.f
  local v = {name = f.name, address = f.address, login = f.login, state = f.state, v = f.v,
    state_ms = now - tonumber(f.since or now), paused = has(f.paused), pause_reason = f.paused,
    unreachable = f.unreachable == '1', registered = f.registered == '1', call = f.call,
    suspect = f.suspect == '1', misses = tonumber(f.misses or '0'), wrapuptime = tonumber(f.wrapuptime or '0'),
    backoff_ms = math.max(0, tonumber(f.backoff or '0') - now), queues = agent_queues(g),
    paused_in = agent_paused_in(g)}
  if #v.queues == 0 then v.queues = nil end
  return v
end

local function main()
  same_incarnation()
  if has(a.agent) then
    local g = agent_of(a.agent)
    reply.agent = view(g)
    reply.agent.why = why_no_call(g)
    return
  end
  local from = has(a.cursor) and '(' .. a.cursor or '-'
  local page = redis.call('ZRANGEBYLEX', typed('agents', 'zset'), from, '+', 'LIMIT', 0, BATCH)
  if #page == BATCH then reply.cursor = page[BATCH] end
  for i, name in ipairs(page) do page[i] = view(agent_of(name)) end
  if #page > 0 then reply.items = page end
end
