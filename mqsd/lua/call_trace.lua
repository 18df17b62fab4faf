-- The events of one call, from its entering on, a page of the stream at a time. inc, call, cursor ("ID LEFT END": the
-- last event looked at, the pages that may be looked at still, when the call ended or 0). `cut`: the stream begins only
-- later, so the oldest may be missing; `stopped`: there is more of it than may be looked at. Reads only.
local PAGE, PAGES = 250, 4000
local AFTER = 40000      -- ms: what the legs of a call leave behind its end

local function mentions(text, id)
  local from, to = string.find(text, '"' .. id, 1, true)
  while from do
    local following = string.sub(text, to + 1, to + 1)
    if following == '"' or following == '.' then return true end
    from, to = string.find(text, '"' .. id, to, true)
  end
  return false
end

local function ms_of(id) return tonumber(string.match(id, '^%d+')) end

local function main()
  same_incarnation()
  local entered = string.match(a.call, '^(%d%d%d%d%d%d%d%d%d%d%d%d%d)%d%d%d%-%d+$')
  if not entered then refuse('no_such_call', a.call .. ' is no id of a call') end
  local key = typed('events', 'stream')
  local last, left, over = string.match(a.cursor or '', '^(%S+) (%d+) (%d+)$')
  left, over = tonumber(left or PAGES), tonumber(over or '0')
  if not last then
    local first = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
    reply.cut = first and ms_of(first[1]) > tonumber(entered) or nil
  end
  local page = redis.call('XRANGE', key, last and '(' .. last or entered, '+', 'COUNT', PAGE)
  local items = {}
  for _, entry in ipairs(page) do
    if mentions(entry[2][2], a.call) then
      local e = cjson.decode(entry[2][2])
      e.id = entry[1]
      items[#items + 1] = e
      if e.event == 'call_ended' then over = ms_of(entry[1]) end
    end
  end
  if #items > 0 then reply.items = items end
  if #page < PAGE or (over > 0 and ms_of(page[PAGE][1]) > over + AFTER) then return end
  if left > 1 then reply.cursor = page[PAGE][1] .. ' ' .. int(left - 1) .. ' ' .. int(over)
  else reply.stopped = true end
end
