-- What an agent's phone asks for with a feature code. what = login or pause turns that round, but a pause for another
-- reason than the agent's only changes the reason; wrapup ends the wrap-up. Replies with the outcome: logged_in,
-- logged_out, paused, unpaused or ready; asked again for the same call of the phone (channel), with the same one.
-- inc, agent, channel, what, reason (of a pause; optional).
local turn = {}

function turn.login(g)
  if g.f.state ~= 'logged_out' and g.f.logout ~= '1' then
    agent_log_out(g, 'phone')
    return 'logged_out'
  end
  put(g, 'logout', '')
  if g.f.state == 'logged_out' then agent_move(g, 'idle', 'phone') end
  return 'logged_in'
end

function turn.pause(g)
  local reason = has(a.reason) and a.reason or 'phone'
  if has(g.f.paused) and (not has(a.reason) or g.f.paused == reason) then
    put(g, 'misses', '')
    agent_pause(g, '', 'phone')
    return 'unpaused'
  end
  agent_pause(g, reason, 'phone')
  return 'paused'
end

function turn.wrapup(g)
  agent_end_wrapup(g, 'phone')
  return 'ready'
end

local function main()
  same_incarnation()
  local g = agent_of(a.agent)
  if g.f.code_channel ~= a.channel then
    put(g, 'code_channel', a.channel)
    put(g, 'code_outcome', turn[a.what](g))
  end
  reply.outcome = g.f.code_outcome
end
