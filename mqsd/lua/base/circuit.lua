-- SPDX-License-Identifier: BSD-2-Clause
-- What is charged to a node, or to Kamailio when several nodes see it. Three failures in a row open a circuit: its calls
-- are held, and one at a time tries (the probe), until anything shows that a phone can be reached.
--
-- A circuit is named by its node, or '*': Kamailio. All are fields `<name>.<key>` of one hash, `circuits`, that is
-- empty while nothing fails:
--   run, agent     failures in a row, and who was rung last (of '*': '+' when several were)
--   node, failed   of '*' only: the node ('+': several) and the time of the last failure
--   state          shut: nothing is offered before `at`; ajar: the next call to be matched tries; probe: `probe`
--                  tries; drain: closed, its calls are being released
--   since, ms, at  open since; ms between two probes; time of the next
--   hold, wake     where a page-wise walk goes on: holding its waiting calls; matching its queues
--   alone          other nodes have reached phones meanwhile
-- The calls that it holds are in `hold:<queue>:<name>`, by score, those that failed PROBES_EACH times behind the
-- others, and so on; `heldq:<name>` lists the queues. Due entries
-- `circuit:<name>` drive it, one page a script, by whichever instance comes.
local FAILS = 3                           -- failures in a row that open a circuit
local WINDOW = 30000                      -- ms; what several nodes see further apart is not Kamailio's
local PROBE_MIN, PROBE_MAX = 500, 3000    -- ms between two probes; each failure doubles it
local PROBES_EACH = 5                     -- failures of one call in a row; then others have their turn
local AGENT_MIN, AGENT_MAX = 0.5, 10      -- s without an offer for a phone that seems to be the one that fails

local function all()
  local o = object('circuits')
  o.unversioned = true
  return o
end

local function get(name, key) return all().f[name .. '.' .. key] end
local function num(name, key) return tonumber(get(name, key) or '0') end
local function set_(name, key, value) put(all(), name .. '.' .. key, value) end

local function named(key)
  local names = {}
  for field in pairs(all().f) do
    local name = string.match(field, '^(.*)%.' .. key .. '$')
    if name then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

function circuit.is_open(name)
  local state = get(name, 'state')
  return state ~= nil and state ~= 'drain'
end

-- The circuit that a call of the node has to wait for, or nil.
function circuit.door(node)
  return circuit.is_open('*') and '*' or circuit.is_open(node) and node or nil
end

-- Has anything failed since a phone was last reached from the node?
function circuit.in_doubt(node)
  return circuit.door(node) ~= nil or num(node, 'run') > 0 or num('*', 'run') > 0
end

local function due(name, at) zadd(zset('due'), 'circuit:' .. name, at) end

local function who(name)
  return name == '*' and 'kamailio' or 'node', name ~= '*' and name or nil
end

-- A held call waits for the circuit.
function circuit.file(c, name)
  put(c, 'circuit', name)
  local turns = math.floor(tonumber(c.f.fails or '0') / PROBES_EACH)
  zadd(zset('hold:' .. c.f.queue .. ':' .. name), c.f.id, tonumber(c.f.score) + turns * STRICT)
  zadd(zset('heldq:' .. name), c.f.queue, 0)
  dirty_queues[c.f.queue] = true
end

function circuit.unfile(c)
  if not has(c.f.circuit) then return end
  zrem(zset('hold:' .. c.f.queue .. ':' .. c.f.circuit), c.f.id)
  put(c, 'circuit', '')
end

local function open(name)
  local kind, node = who(name)
  event('circuit_opened', {circuit = kind, node = node, fails = num(name, 'run')})
  for _, key in ipairs({'run', 'agent', 'node', 'failed', 'alone', 'wake', 'probe'}) do set_(name, key, '') end
  set_(name, 'state', 'shut')
  set_(name, 'since', now)
  set_(name, 'ms', PROBE_MIN)
  set_(name, 'at', now + PROBE_MIN)
  set_(name, 'hold', ':')
  due(name, now)
end

local function close(name, reason)
  local kind, node = who(name)
  event('circuit_closed', {circuit = kind, node = node, open_ms = now - num(name, 'since'), reason = reason})
  for _, key in ipairs({'ms', 'at', 'hold', 'wake', 'probe', 'alone', 'run', 'agent'}) do set_(name, key, '') end
  set_(name, 'state', 'drain')
  due(name, now)
  if name ~= '*' then return end
  for _, other in ipairs(named('agent')) do
    set_(other, 'run', '')
    set_(other, 'agent', '')
  end
  for _, other in ipairs(named('state')) do
    if get(other, 'state') == 'shut' then
      set_(other, 'ms', PROBE_MIN)
      set_(other, 'at', now)
      due(other, now)
    end
  end
end

-- A dead node's circuit has nothing to say.
function circuit.forget(node)
  if circuit.is_open(node) then close(node, 'node_dead') end
  set_(node, 'run', '')
  set_(node, 'agent', '')
end

-- The probe is over without telling anything: another may try at once.
local function ajar(name)
  set_(name, 'state', 'ajar')
  set_(name, 'probe', '')
  set_(name, 'wake', '-')
  due(name, now)
end

function circuit.left(c)
  for _, name in ipairs({'*', c.f.node}) do
    if get(name, 'probe') == c.f.id then ajar(name) end
  end
end

-- Whether the agent's own phone seems to be what fails; counted, and shown in the status.
local function suspect(g)
  if g.f.suspect == '1' then return end
  put(g, 'suspect', '1')
  count('a:suspect', 1)
end

function circuit.trust(g)
  if g.f.suspect == '1' then count('a:suspect', -1) end
  for _, key in ipairs({'fails', 'fail_node', 'suspect'}) do put(g, key, '') end
end

-- The call rang, was refused or answered: there is a way to phones.
function circuit.works(c, g)
  if g and g.exists then
    circuit.trust(g)
  end
  put(c, 'doubt', '')
  if not next(all().f) then return end
  for _, name in ipairs({'*', c.f.node}) do
    if circuit.is_open(name) then close(name, 'phone_reached') end
    for _, key in ipairs({'run', 'agent', 'node', 'failed'}) do set_(name, key, '') end
  end
  for _, name in ipairs(named('state')) do
    if circuit.is_open(name) then set_(name, 'alone', '1') end
  end
end

-- One more failure of the node, and of the way that all nodes share.
local function count_failure(node, agent)
  set_(node, 'run', num(node, 'run') + 1)
  set_(node, 'agent', agent)
  if now - num('*', 'failed') > WINDOW then
    for _, key in ipairs({'run', 'agent', 'node'}) do set_('*', key, '') end
  end
  for key, value in pairs({node = node, agent = agent}) do
    local was = get('*', key)
    set_('*', key, (was == nil or was == value) and value or '+')
  end
  set_('*', 'run', num('*', 'run') + 1)
  set_('*', 'failed', now)
end

-- Is another node's circuit open, and nobody has reached a phone since?
local function others_fail(node)
  for _, name in ipairs(named('state')) do
    if name ~= node and circuit.is_open(name) and not has(get(name, 'alone')) then return true end
  end
  return false
end

local function probe_failed(name, c)
  if get(name, 'probe') ~= c.f.id then return end   -- an offer from before the circuit opened
  set_(name, 'state', 'shut')
  set_(name, 'probe', '')
  set_(name, 'ms', math.min(PROBE_MAX, num(name, 'ms') * 2))
  set_(name, 'at', now + num(name, 'ms'))
  due(name, now + num(name, 'ms'))
end

-- An offer failed, and not by the agent's doing. A failure is evidence against the node only while it does not
-- look like the phone's: an agent that failed on another node, too, or here again after others got through, counts
-- once, and is left alone for a moment, or one broken phone would stop everybody. Returns those seconds, or nil.
function circuit.failed(c, g)
  local node, name = c.f.node, circuit.door(c.f.node)
  if name then return probe_failed(name, c) end
  local n = tonumber(g.f.fails or '0') + 1
  if g.exists then
    if n > 1 and (g.f.fail_node ~= node or num(node, 'run') == 0) then suspect(g) end
    put(g, 'fails', n)
    put(g, 'fail_node', node)
  end
  local doubtful = g.f.suspect == '1'
  if not (doubtful and get(node, 'agent') == g.f.name) then count_failure(node, g.f.name or '?') end
  if num('*', 'run') >= FAILS and get('*', 'node') == '+' and get('*', 'agent') == '+' then open('*')
  elseif num(node, 'run') >= FAILS then
    local name_ = others_fail(node) and '*' or node
    open(name_)
    for _, key in ipairs({'run', 'agent', 'node', 'failed'}) do set_(node == name_ and '*' or node, key, '') end
  end
  if doubtful and not circuit.door(node) then
    return math.min(AGENT_MAX, AGENT_MIN * 2 ^ math.max(0, n - 2))
  end
end

-- The first call of a queue that may be offered: waiting, or held by a circuit that lets one try or is closed.
function circuit.first(queue, ready)
  local best, best_score = zfirst(zset('wait:' .. queue))
  local via
  for _, name in ipairs(ready) do
    local id, score = zfirst(zset('hold:' .. queue .. ':' .. name))
    if id and (not best or score < best_score or (score == best_score and id < best)) then
      best, best_score, via = id, score, name
    end
  end
  return best, best_score, via
end

function circuit.ready()
  local ready = {}
  for _, name in ipairs(named('state')) do
    local state = get(name, 'state')
    if state == 'ajar' or state == 'drain' then ready[#ready + 1] = name end
  end
  return ready
end

-- A held call is taken for an offer.
function circuit.try(c, name)
  if get(name, 'state') == 'ajar' then
    set_(name, 'state', 'probe')
    set_(name, 'probe', c.f.id)
    set_(name, 'wake', '')
    return 'probe'
  end
  return 'circuit_closed'
end

-- Holds a page of the calls that waited when the circuit opened.
local function hold_page(name)
  local at, last = string.match(get(name, 'hold'), '^([^:]*):(.*)$')
  local nodes = {name}
  if name == '*' then
    nodes = redis.call('SMEMBERS', typed('nodes', 'set'))
    table.sort(nodes)
  end
  while nodes[1] and nodes[1] < at do table.remove(nodes, 1) end
  if not nodes[1] then return set_(name, 'hold', '') end
  local page, cursor = calls_behind('on:' .. nodes[1], nodes[1] == at and last or '')
  for _, id in ipairs(page) do
    local c = object('call:' .. id)
    if c.f.state == 'waiting' then call_wait(c) end
  end
  set_(name, 'hold', cursor and nodes[1] .. ':' .. cursor or nodes[2] and nodes[2] .. ':' or '')
end

-- Lets a page of its queues be matched.
local function wake_page(name)
  local from = get(name, 'wake')
  local page = redis.call('ZRANGEBYLEX', typed('heldq:' .. name, 'zset'), from == '-' and '-' or '(' .. from, '+',
    'LIMIT', 0, BATCH)
  for _, q in ipairs(page) do dirty_queues[q] = true end
  set_(name, 'wake', page[BATCH] or '')
end

-- Releases a page of its calls, each at its old score.
local function drain_page(name)
  local queues = zset('heldq:' .. name)
  for _ = 1, BATCH do
    local q = zfirst(queues)
    if not q then
      set_(name, 'state', '')
      return set_(name, 'since', '')
    end
    local id = zfirst(zset('hold:' .. q .. ':' .. name))
    if id then call_release(call_of(id), 'circuit_closed')
    else zrem(queues, q) end
  end
end

-- What is due of a circuit. What is left of it is due again in a script of its own.
function circuit.step(name)
  local state = get(name, 'state')
  if state == 'drain' then drain_page(name)
  elseif has(get(name, 'hold')) then hold_page(name)
  elseif state == 'shut' and num(name, 'at') <= now then
    if name ~= '*' and circuit.is_open('*') then set_(name, 'at', now + num(name, 'ms'))
    else ajar(name) end
  elseif state == 'ajar' and has(get(name, 'wake')) then wake_page(name) end
  state = get(name, 'state')
  if state == 'drain' or has(get(name, 'hold')) or has(get(name, 'wake')) then due(name, now + 1)
  elseif state == 'shut' then due(name, num(name, 'at'))
  else zrem(zset('due'), 'circuit:' .. name) end
end

-- For those who look: since when, and how many have failed; nil while it is closed.
function circuit.view(name)
  if not circuit.is_open(name) then return nil end
  return {open_ms = now - num(name, 'since'), probe = get(name, 'probe'),
    next_ms = get(name, 'state') == 'shut' and math.max(0, num(name, 'at') - now) or 0}
end
