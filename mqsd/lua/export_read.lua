-- What a copy needs that has seen every version up to `since` ('' or none: nothing), a page at a time, oldest change
-- first. The cursor is the next page's `since`. A `forget` above what was seen asks to begin anew. inc, since. Reads only.
local PAGE = 16       -- an agent may be in 64 queues

local function queue_view(q, version)
  local options = {}
  for field, value in pairs(q.f) do
    if field ~= 'name' and field ~= 'v' then options[field] = value end
  end
  return {kind = 'queue', name = q.f.name, version = version, options = options}
end

local function agent_view(g, version)
  local f, members = g.f, {}
  for _, q in ipairs(agent_queues(g)) do members[q] = membership(f.name, q) end
  local v = {kind = 'agent', name = f.name, version = version, members = members, paused_in = agent_paused_in(g),
    options = {address = f.address, login = f.login, wrapuptime = f.wrapuptime},
    logged_in = f.state ~= 'logged_out' and f.logout ~= '1', paused = f.paused,
    unreachable = f.unreachable == '1', registered = f.registered == '1'}
  if tonumber(f.misses or '0') > 0 then v.misses = tonumber(f.misses) end
  if tonumber(f.backoff or '0') > now then v.backoff = tonumber(f.backoff) end
  if f.state == 'wrapup' then v.wrapup = tonumber(f.wrapup_until) end
  return v
end

local function main()
  same_incarnation()
  local from = has(a.since) and '(' .. a.since or '-inf'
  local raw = redis.call('ZRANGEBYSCORE', typed('changed', 'zset'), from, '+inf', 'WITHSCORES', 'LIMIT', 0, PAGE)
  local items = {}
  for i = 1, #raw, 2 do
    local o, version = object(raw[i]), tonumber(raw[i + 1])
    items[#items + 1] = o.name:sub(1, 6) == 'queue:' and queue_view(o, version) or agent_view(o, version)
  end
  if #items > 0 then reply.items = items end
  if #items == PAGE then reply.cursor = raw[#raw] end
  reply.forget, reply.born = meta.f.forget, meta.f.born
end
