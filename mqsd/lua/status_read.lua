-- Counters of the whole pool. Reads only.
local function main()
  same_incarnation()
  local agents, totals = {}, {}
  local counters = object('count').f
  for field, n in pairs(counters) do
    local state = string.match(field, '^a:(.*)$')
    if state then agents[state] = tonumber(n) end
    state = string.match(field, '^n:.*:(%a+)$')
    if state then totals[state] = (totals[state] or 0) + tonumber(n) end
  end
  for _, s in ipairs({'waiting', 'held', 'ringing', 'talking'}) do totals[s] = totals[s] or 0 end
  for _, s in ipairs({'logged_out', 'idle', 'ringing', 'talking', 'wrapup', 'paused', 'unreachable'}) do
    agents[s] = agents[s] or 0
  end
  totals.agents = agents
  reply.totals = totals
  reply.state = meta.f.state
  reply.recovering_ms = meta.f.state == 'recovering' and now - tonumber(meta.f.recovering_since or now) or nil
  reply.trimmed = tonumber(meta.f.trimmed or '0')
end
