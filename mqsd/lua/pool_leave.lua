-- An instance leaves on purpose. inc, instance, reason.
local function main()
  same_incarnation()
  event('instance_stopped', {instance = a.instance, reason = a.reason})
end
