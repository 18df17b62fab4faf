-- What has become true by time alone: popped and acted on in one step, by whichever instance comes. inc.
local function main()
  same_incarnation()
  recovery_step()
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
