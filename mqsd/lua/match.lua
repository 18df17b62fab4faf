-- Goes on with a match that was too large for one script. inc, queues.
local function main()
  same_incarnation()
  for _, q in ipairs(a.queues) do dirty_queues[q] = true end
end
