-- SPDX-License-Identifier: BSD-2-Clause
-- Queues and agents as lib/export.h writes them down as commands: for the copies, and for what undoes a removal.

local function queue_kept(q, version)
  local options = {}
  for field, value in pairs(q.f) do
    if field ~= 'name' and field ~= 'v' then options[field] = value end
  end
  return {kind = 'queue', name = q.f.name, version = version, options = options}
end

local function agent_kept(g, version)
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
