-- Sets options of a queue, all or none. inc, queue, options = {name = value}, v (optional).
local function main()
  same_incarnation()
  local q = queue_of(a.queue)
  expect_version(q, a.v)
  for option, value in pairs(a.options) do
    local was = q.f[option] or ''
    if was ~= value then
      put(q, option, value)
      event('queue_changed', {queue = a.queue, option = option, value = value, was = was})
    end
  end
end
