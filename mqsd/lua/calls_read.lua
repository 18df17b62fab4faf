-- Live calls as the control API shows them: one (call), or a page (cursor "node:last call"), narrowed by
-- queue, state and from (the caller's number, or its end). Reads only.
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
    reply.call_view = view(call_of(a.call))
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
