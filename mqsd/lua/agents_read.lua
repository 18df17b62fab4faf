-- Agents as the control API shows them: one (agent), or a page (cursor: the last name). Reads only.
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
    reply.agent = view(agent_of(a.agent))
    return
  end
  local from = has(a.cursor) and '(' .. a.cursor or '-'
  local page = redis.call('ZRANGEBYLEX', typed('agents', 'zset'), from, '+', 'LIMIT', 0, BATCH)
  if #page == BATCH then reply.cursor = page[BATCH] end
  for i, name in ipairs(page) do page[i] = view(agent_of(name)) end
  if #page > 0 then reply.items = page end
end
