-- Counters of the whole pool. Reads only.
local function counter(field)
  return math.max(0, tonumber(redis.call('HGET', typed('count', 'hash'), field) or '0'))
end

local function main()
  same_incarnation()
  local agents, totals = {}, {}
  for _, s in ipairs({'logged_out', 'idle', 'ringing', 'talking', 'wrapup', 'paused', 'autopaused',
    'unreachable', 'suspect'}) do
    agents[s] = counter('a:' .. s)
  end
  for _, s in ipairs({'waiting', 'held', 'ringing', 'talking'}) do
    totals[s] = 0
    for _, node in ipairs(redis.call('SMEMBERS', typed('nodes', 'set'))) do
      totals[s] = totals[s] + counter('n:' .. node .. ':' .. s)
    end
  end
  totals.agents = agents
  totals.drops = {}
  for reason in pairs(drop_reasons) do totals.drops[reason] = tonumber(meta.f['drops_' .. reason] or '0') end
  reply.totals = totals
  reply.kamailio = circuit.view('*')
  reply.state = meta.f.state
  reply.recovering_ms = meta.f.state == 'recovering' and now - tonumber(meta.f.recovering_since or now) or nil
  reply.trimmed = tonumber(meta.f.trimmed or '0')
  reply.stream = redis.call('XLEN', typed('events', 'stream'))
  for field, at in pairs(meta.f) do
    local name = string.match(field, '^left_(.*)$')
    if name then
      reply.left = reply.left or {}
      reply.left[name] = now - tonumber(at)
    end
  end
end
