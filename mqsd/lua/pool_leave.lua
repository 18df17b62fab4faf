-- An instance leaves on purpose. inc, instance, reason.
local function main()
  same_incarnation()
  event('instance_stopped', {instance = a.instance, reason = a.reason})
  -- So that its absence is no surprise; names are those of a configuration, and few.
  put(meta, 'left_' .. a.instance, now)
  for field, at in pairs(meta.f) do
    if string.match(field, '^left_') and now - tonumber(at) > 86400000 then put(meta, field, '') end
  end
end
