-- Sets one option of a queue. inc, queue, option, value, v (optional).
local function main()
  same_incarnation()
  local q = queue_of(a.queue)
  expect_version(q, a.v)
  local was = q.f[a.option]
  put(q, a.option, a.value)
  event('queue_changed', {queue = a.queue, option = a.option, value = a.value, was = was})
end
