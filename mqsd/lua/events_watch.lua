-- How many events stand in the stream that its slowest consumer group has not confirmed, or, where none reads it, how
-- many there are: at the bound the oldest are cut, so 50 % and 80 % of it are said, once each time they are reached.
-- inc, stream_max.
local MARKS = {80, 50}
local BACK = 10      -- points below a mark before it can be reached again

local function slowest(key)
  local behind, group = 0, ''
  for _, row in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local g = {}
    for i = 1, #row, 2 do g[row[i]] = row[i + 1] end
    -- After entries were deleted Redis may give no `lag`: what was read and not confirmed then.
    local open = (tonumber(g.lag) or 0) + tonumber(g.pending)
    if group == '' or open > behind then behind, group = open, g.name end
  end
  return behind, group
end

local function main()
  same_incarnation()
  local key = typed('events', 'stream')
  local bound = tonumber(a.stream_max or '1000000')
  local behind, group = redis.call('XLEN', key), ''
  if behind > 0 and #redis.call('XINFO', 'GROUPS', key) > 0 then behind, group = slowest(key) end
  local percent, was, level = math.floor(behind * 100 / bound), tonumber(meta.f.lag_level or '0'), 0
  for _, mark in ipairs(MARKS) do
    if level == 0 and (percent >= mark or (was >= mark and percent > mark - BACK)) then level = mark end
  end
  put(meta, 'lag_level', level > 0 and level or '')
  if level > was then
    event('events_behind', {group = group, behind = behind, bound = bound, percent = percent})
  end
  reply.level, reply.group, reply.behind, reply.bound, reply.percent = level, group, behind, bound, percent
end
