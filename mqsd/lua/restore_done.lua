-- An instance has brought back its copy: from now on what it does not have counts as deleted. inc, instance, version,
-- restored (objects).
local function main()
  same_incarnation()
  put(meta, 'intact', math.max(tonumber(meta.f.intact or '0'), tonumber(a.version)))
  if meta.f.restoring == a.instance then put(meta, 'restoring', '') end
  if a.restored == 0 or meta.f.told_restored == a.instance .. ' ' .. int(a.version) then return end
  put(meta, 'told_restored', a.instance .. ' ' .. int(a.version))
  event('pool_restored', {instance = a.instance, as_of = a.version, restored = a.restored})
end
