-- Sets options of a queue, all or none; replies with what was, of those that changed. inc, queue, options = {name =
-- value}, v (optional).
local function main()
  same_incarnation()
  local q = queue_of(a.queue)
  expect_version(q, a.v)
  reply.was = {}
  for option, value in pairs(a.options) do
    local was = q.f[option] or ''
    if was ~= value then
      put(q, option, value)
      reply.was[option] = was
      event('queue_changed', {queue = a.queue, option = option, value = value, was = was})
    end
  end
end
