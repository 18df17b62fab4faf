-- SPDX-License-Identifier: BSD-2-Clause
-- Which caller is offered to which agent.

local MATCH_MAX = 16      -- claims a script makes before it says that there are more

-- reason: matched, or operator, who may pass over those who wait longer.
local function claim(c, g, reason)
  local offer = call_next_id(c)
  local leg = call_next_id(c)
  put(c, 'offer', offer)
  put(c, 'offered', now)
  put(c, 'offers', tonumber(c.f.offers or '0') + 1)
  put_legs(c, {{id = leg, agent = g.f.name}})
  if circuit.in_doubt(c.f.node) then put(c, 'doubt', '1') end
  put(g, 'call', c.f.id)
  put(g, 'leg', leg)
  call_move(c, 'ringing')
  call_event('offer_made', c, {agent = g.f.name, leg = leg, offer = offer, reason = reason,
    wait_ms = now - tonumber(c.f.entered)})
  agent_move(g, 'ringing', 'offered')
  sadd(set('offers:' .. c.f.node), c.f.id)
  reply.claims = reply.claims or {}
  reply.claims[#reply.claims + 1] = c
end

-- The queue whose first caller has waited longest by score, and that has an idle member: call, agent, and the
-- circuit that holds the call, if one does and lets it try. Heads only.
local function best_match(queues)
  local ready = circuit.ready()
  local best, best_score, who, via
  for q in pairs(queues) do
    local id, score, name = circuit.first(q, ready)
    local g = id and zfirst(zset('idle:' .. q))
    if g and (not best or score < best_score or (score == best_score and id < best)) then
      best, best_score, who, via = id, score, g, name
    end
  end
  return best, who, via
end

-- Claims caller and agent together or not at all; a caller that may not be offered is held on the way. Says
-- `more` when MATCH_MAX claims, or twice as many looks, were not enough.
local function match(queues)
  if meta.f.state ~= 'ready' then return end
  local claims = 0
  for looks = 0, 2 * MATCH_MAX do
    local id, who, via = best_match(queues)
    if not id then return end
    if claims == MATCH_MAX or looks == 2 * MATCH_MAX then
      reply.more = {}
      for q in pairs(queues) do reply.more[#reply.more + 1] = q end
      return
    end
    local c = call_of(id)
    local why, name = call_bar(c)
    if why and not via then call_wait(c)
    elseif why and name ~= via then call_keep(c, why, name)
    else
      if via then
        local how = circuit.try(c, via)
        call_move(c, 'waiting')
        call_event('call_released', c, {reason = how})
      end
      claim(c, agent_of(who), 'matched')
      claims = claims + 1
    end
  end
end

-- A page of queues, by name, is looked at when the script is done; the cursor is for the next.
local function match_page(last)
  local page = redis.call('ZRANGEBYLEX', typed('queues', 'zset'), has(last) and '(' .. last or '-', '+', 'LIMIT', 0, BATCH)
  for _, q in ipairs(page) do dirty_queues[q] = true end
  reply.cursor = page[BATCH]
end
