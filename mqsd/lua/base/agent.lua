-- SPDX-License-Identifier: BSD-2-Clause
-- Agents, their memberships in queues, and what happens to them in a call.

-- Memberships: every field is the name of a queue, so there is no room for a `v`. Its value is the penalty and, behind a
-- space, why the agent is paused in that queue, if it is. The other side, `members:<queue>`, is a sorted set with one
-- score, so that pages of it come by name and cost what they show.
local function memberships(agent)
  local m = object('memberof:' .. agent)
  m.unversioned = true
  m.of = 'agent:' .. agent
  return m
end

-- Penalty, and reason of the pause or ""; nil: no member.
local function membership(agent, queue)
  local penalty, paused = string.match(memberships(agent).f[queue] or '', '^(%d+) ?(.*)$')
  return tonumber(penalty), paused
end

local function membership_put(agent, queue, penalty, paused)
  put(memberships(agent), queue, int(penalty) .. (has(paused) and ' ' .. paused or ''))
end

-- A membership that there is: the agent, penalty, reason of the pause or "".
local function member_of(queue, agent)
  queue_of(queue)
  local g, penalty, paused = agent_of(agent), membership(agent, queue)
  if not penalty then refuse('no_such_member', 'agent ' .. agent .. ' is not a member of queue ' .. queue) end
  return g, penalty, paused
end

-- Availability is one question with one answer, asked after every change.
local function agent_available(g)
  return g.f.state == 'idle' and not has(g.f.paused) and g.f.unreachable ~= '1'
    and tonumber(g.f.backoff or '0') <= now
end

-- Why an agent is offered no call of any queue, in a few words; nil when it is free.
local function agent_bar(g)
  local f = g.f
  if f.state ~= 'idle' then return f.state .. (has(f.call) and ' in call ' .. f.call or '') end
  if has(f.paused) then return 'paused (' .. f.paused .. ')' end
  if f.unreachable == '1' then return 'unreachable' end
  local rest = tonumber(f.backoff or '0') - now
  if rest > 0 then return 'left alone for another ' .. math.ceil(rest / 1000) .. ' s after a failed offer' end
end

-- What an agent does as its queues see it: its state, or what lies over an idle one.
local function agent_doing(g)
  local f = g.f
  if f.state ~= 'idle' then return f.state end
  return has(f.paused) and 'paused' or f.unreachable == '1' and 'unreachable'
    or tonumber(f.backoff or '0') > now and 'backoff' or 'idle'
end

-- One row a strategy: the score of an idle member; the lowest is offered first.
local strategies = {
  ['longest-idle'] = function(g) return tonumber(g.f.idle_since or '0') end,
}

local function agent_queues(g)
  if not g.queues then
    g.queues = {}
    for q, penalty in pairs(memberships(g.f.name).f) do
      if penalty ~= '' then g.queues[#g.queues + 1] = q end
    end
    table.sort(g.queues)
  end
  return g.queues
end

-- {queue = reason} where it is paused in a queue only; nil: nowhere.
local function agent_paused_in(g)
  local found
  for _, q in ipairs(agent_queues(g)) do
    local _, paused = membership(g.f.name, q)
    if has(paused) then
      found = found or {}
      found[q] = paused
    end
  end
  return found
end

local function agent_refresh(g)
  local due = zset('due')
  local free = agent_available(g)
  for _, q in ipairs(agent_queues(g)) do
    local penalty, paused = membership(g.f.name, q)
    if free and not has(paused) then
      local score = strategies[queue_of(q).f.strategy](g)
      zadd(zset('idle:' .. q), g.f.name, penalty * STRICT + score)
      dirty_queues[q] = true
    else
      zrem(zset('idle:' .. q), g.f.name)
    end
  end
  local at
  if g.f.state == 'wrapup' then at = tonumber(g.f.wrapup_until or '0')
  elseif g.f.state == 'idle' and tonumber(g.f.backoff or '0') > now then at = tonumber(g.f.backoff) end
  if at then zadd(due, 'agent:' .. g.f.name, at) else zrem(due, 'agent:' .. g.f.name) end
end

local agent_moves = {
  logged_out = {idle = true, wrapup = true},      -- wrapup: restored from a copy
  idle = {ringing = true, logged_out = true},
  ringing = {talking = true, idle = true, logged_out = true},
  talking = {wrapup = true, idle = true, logged_out = true},
  wrapup = {idle = true, logged_out = true},
}

-- The only writer of an agent's state.
local function agent_move(g, new, reason)
  local old = g.f.state
  if not agent_moves[old][new] then
    refuse('bad_move', 'agent ' .. g.f.name .. ' cannot go from ' .. old .. ' to ' .. new)
  end
  local backoff = new == 'idle' and tonumber(g.f.backoff or '0') - now or 0
  event('agent_state', {agent = g.f.name, old = old, new = new, reason = reason, call = g.f.call,
    backoff_ms = backoff > 0 and backoff or nil})
  count('a:' .. old, -1)
  count('a:' .. new, 1)
  if old == 'logged_out' or new == 'logged_out' then
    g.changed = true
    for _, q in ipairs(agent_queues(g)) do
      count('q:' .. q .. ':logged_in', new == 'logged_out' and -1 or 1)
    end
  end
  put(g, 'state', new)
  put(g, 'since', now)
  if new == 'idle' then
    put(g, 'idle_since', now)
  end
  if new == 'idle' or new == 'logged_out' or new == 'wrapup' then
    put(g, 'call', '')
    put(g, 'leg', '')
  end
  agent_refresh(g)
end

-- What lies over the state: a pause (its reason, '' ends it) and a phone that cannot be reached. Their only
-- writers too, because both are counted. Time spent out of reach of calls is not time spent idle.
local function agent_overlay(g, field, value)
  local was = g.f[field]
  if (was or '') == value then return false end
  if not has(was) then count('a:' .. field, 1) end
  if value == '' then count('a:' .. field, -1) end
  put(g, field, value)
  if value == '' and g.f.state == 'idle' then put(g, 'idle_since', now) end
  agent_refresh(g)
  return true
end

-- by: who wants it, when it is neither an operator nor we.
local function agent_pause(g, reason, by)
  local was = g.f.paused
  if not agent_overlay(g, 'paused', reason) then return end
  if reason == 'misses' then count('a:autopaused', 1) end
  if was == 'misses' then count('a:autopaused', -1) end
  if reason ~= '' then event('agent_paused', {agent = g.f.name, reason = reason, by = by})
  else event('agent_unpaused', {agent = g.f.name, reason = was, by = by}) end
end

local function agent_unreachable(g, reason, sip_status)
  if agent_overlay(g, 'unreachable', '1') then
    event('agent_unreachable', {agent = g.f.name, reason = reason, sip_status = sip_status})
  end
end

local function agent_reachable(g, reason)
  if agent_overlay(g, 'unreachable', '') then
    event('agent_reachable', {agent = g.f.name, reason = reason})
  end
end

-- A call goes on; the agent is logged out when it is over.
local function agent_log_out(g, reason)
  if has(g.f.call) then put(g, 'logout', '1')
  elseif g.f.state ~= 'logged_out' then agent_move(g, 'logged_out', reason) end
end

local function agent_end_wrapup(g, reason)
  if g.f.state ~= 'wrapup' then
    refuse('not_in_wrapup', 'agent ' .. g.f.name .. ' is ' .. g.f.state .. ', not in wrap-up')
  end
  put(g, 'wrapup_until', '')
  agent_move(g, 'idle', reason)
end

-- Makes an agent a member, or changes its penalty; false when nothing changed.
local function member_put(g, queue, penalty)
  local was, paused = membership(g.f.name, queue)
  penalty = tonumber(penalty or 0)
  if was == penalty then return false end
  if not was and g.f.state ~= 'logged_out' then count('q:' .. queue .. ':logged_in', 1) end
  membership_put(g.f.name, queue, penalty, paused)
  zadd(zset('members:' .. queue), g.f.name, 0)
  g.queues = nil
  return true
end

-- No calls of that queue; "" ends it. False when nothing changed.
local function member_pause(g, queue, reason)
  local penalty, was = membership(g.f.name, queue)
  if was == reason then return false end
  membership_put(g.f.name, queue, penalty, reason)
  if reason ~= '' then event('member_paused', {queue = queue, agent = g.f.name, reason = reason})
  else event('member_unpaused', {queue = queue, agent = g.f.name, reason = was}) end
  return true
end

local function member_drop(queue, agent)
  local g = agent_of(agent)
  put(memberships(agent), queue, '')
  zrem(zset('members:' .. queue), agent)
  g.queues = nil
  zrem(zset('idle:' .. queue), agent)
  if g.f.state ~= 'logged_out' then count('q:' .. queue .. ':logged_in', -1) end
  event('member_removed', {queue = queue, agent = agent})
end

-- Takes the agent off a leg that is over. An agent that was reset meanwhile has another call, or none.
local function agent_release(c, name, leg, reason, backoff)
  local g = object('agent:' .. name)
  if not g.exists or g.f.call ~= c.f.id or g.f.leg ~= leg then return end
  if g.f.logout == '1' then
    put(g, 'logout', '')
    return agent_move(g, 'logged_out', 'logout')
  end
  if g.f.state == 'talking' then put(g, 'misses', '0') end
  if backoff then
    put(g, 'backoff', now + backoff * 1000)
  elseif g.f.state == 'talking' then
    local rest = math.max(tonumber(object('queue:' .. c.f.queue).f.wrapuptime or '0'),
      tonumber(g.f.wrapuptime or '0'))
    if rest > 0 then
      put(g, 'wrapup_until', now + rest * 1000)
      return agent_move(g, 'wrapup', reason)
    end
  end
  agent_move(g, 'idle', reason)
end

-- The agent is on that leg, whatever was believed of it, unless it is on another call's.
local function agent_answer(c, name, leg)
  local g = object('agent:' .. name)
  if not g.exists or (has(g.f.call) and g.f.call ~= c.f.id) then return end
  if g.f.state == 'logged_out' then
    put(g, 'logout', '1')               -- and is again when the call is over
    agent_move(g, 'idle', 'answered')
  elseif g.f.state == 'wrapup' then
    put(g, 'wrapup_until', '')
    agent_move(g, 'idle', 'answered')
  end
  if g.f.state == 'idle' then
    put(g, 'call', c.f.id)
    put(g, 'leg', leg)
    agent_move(g, 'ringing', 'answered')
  end
  if g.f.call == c.f.id and g.f.leg == leg and g.f.state == 'ringing' then
    agent_move(g, 'talking', 'answered')
  end
end
