-- Brings back objects of a copy, as export_read gave them: those that Redis has at an older version, and those that
-- it has not and that are younger than all it remembers (others were deleted). Never an older over a newer, so
-- several instances may do it at once, and twice. inc, born, objects (up to 64 queues,
-- agents and memberships; of several pages those with queues come first).
local restored

local function wanted(o)
  local version = redis.call('ZSCORE', typed('changed', 'zset'), o.name)
  if o.exists then return not version or tonumber(version) < o.version end
  return o.version > tonumber(meta.f.intact or '0')
end

-- Tells what changes as if it were done now: who begins to read the stream behind a wipe gets the whole pool.
local function take(row, changed)
  local o = object(row.kind .. ':' .. row.name)
  o.version = row.version
  if not wanted(o) then return nil end
  restored = restored + 1
  o.changed = true
  for option, value in pairs(row.options) do
    local was = o.f[option] or ''
    if was ~= value and o.exists then changed(option, value, was) end
    put(o, option, value)
  end
  put(o, 'name', row.name)
  return o
end

local function restore_queue(row)
  local q = take(row, function(option, value, was)
    event('queue_changed', {queue = row.name, option = option, value = value, was = was})
  end)
  if not q or q.exists then return end
  q.exists = true
  zadd(zset('queues'), row.name, 0)
  event('queue_created', {queue = row.name})
end

local function restore_members(g, row)
  for _, q in ipairs(agent_queues(g)) do
    if not row.members[q] then member_drop(q, row.name) end
  end
  for q, penalty in pairs(row.members) do
    if object('queue:' .. q).exists and member_put(g, q, penalty) then
      event('member_added', {queue = q, agent = row.name, penalty = penalty})
    end
    if membership(row.name, q) then member_pause(g, q, (row.paused_in or {})[q] or '') end
  end
end

local function restore_phone(g, row)
  if row.registered and g.f.registered ~= '1' then event('agent_registered', {agent = row.name})
  elseif not row.registered and g.f.registered == '1' then
    event('agent_unregistered', {agent = row.name, reason = 'restored'})
  end
  put(g, 'registered', row.registered and '1' or '')
end

-- A call that the agent has in Redis goes on; what it has on its node comes back with the call.
local function restore_login(g, row)
  if not row.logged_in then return agent_log_out(g, 'restored') end
  put(g, 'logout', '')
  if g.f.state ~= 'logged_out' then return end
  if row.wrapup and row.wrapup > now then
    put(g, 'wrapup_until', row.wrapup)
    agent_move(g, 'wrapup', 'restored')
  else
    agent_move(g, 'idle', 'restored')
  end
end

local function restore_agent(row)
  local g = take(row, function(option, value, was)
    event('agent_changed', {agent = row.name, option = option, value = value, was = was})
  end)
  if not g then return end
  if not g.exists then
    g.exists = true
    put(g, 'state', 'logged_out')
    put(g, 'since', now)
    count('a:logged_out', 1)
    zadd(zset('agents'), row.name, 0)
    event('agent_added', {agent = row.name, address = g.f.address, login = g.f.login})
  end
  restore_members(g, row)
  restore_phone(g, row)
  put(g, 'misses', row.misses)
  put(g, 'backoff', row.backoff)
  agent_pause(g, has(row.paused) and row.paused or '')
  if row.unreachable then agent_unreachable(g, 'restored') else agent_reachable(g, 'restored') end
  restore_login(g, row)
  agent_refresh(g)
end

local function main()
  restored = 0
  same_incarnation()
  if meta.f.born ~= a.born then refuse('other_pool', 'this pool was born at ' .. tostring(meta.f.born)) end
  for _, row in ipairs(a.objects) do
    if row.kind == 'queue' then restore_queue(row) end
  end
  for _, row in ipairs(a.objects) do
    if row.kind == 'agent' then restore_agent(row) end
  end
  reply.restored = restored
end
