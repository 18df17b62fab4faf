-- What has become true by time alone: popped and acted on in one step, by whichever instance comes. inc.
local SETTLE = 5000      -- ms that a recovery waits for a node that nobody has reached
local LISTS = 20000      -- ms that it waits for one that is being reconciled: its lists may take 15 s

-- A node that its owner never settled must not keep the pool from deciding.
local function recovery_over()
  local age = now - tonumber(meta.f.recovering_since or now)
  for _, name in ipairs(redis.call('SMEMBERS', typed('nodes', 'set'))) do
    local n = object('node:' .. name)
    if n.f.settled ~= a.inc and age < (n.f.state == 'reconciling' and LISTS or SETTLE) then return end
  end
  event('recovery_done', {took_ms = age})
  put(meta, 'state', 'ready')
  match_page()
end

local function main()
  same_incarnation()
  if meta.f.state == 'recovering' then recovery_over() end
  local due = zset('due')
  for _ = 1, MATCH_MAX do
    local member, at = zfirst(due)
    if not member or at > now then return end
    zrem(due, member)
    local kind, name = string.match(member, '^(%a+):(.*)$')
    if kind == 'agent' then
      local g = object('agent:' .. name)
      if g.exists and g.f.state == 'wrapup' then agent_move(g, 'idle', 'wrapup_over')
      elseif g.exists then agent_refresh(g) end
    elseif kind == 'call' then
      local c = object('call:' .. name)
      if c.exists and c.f.state == 'held' then call_release(c, 'due') end
    elseif kind == 'queue' then
      dirty_queues[name] = true
    elseif kind == 'circuit' then
      return circuit.step(name)    -- a whole page of calls
    end
  end
end
