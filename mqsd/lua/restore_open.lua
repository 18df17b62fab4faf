-- An instance begins to bring back what Redis lost, from its copy; nothing is claimed until it is done. Refused when
-- the copy is of another pool. inc, instance, version (of the copy), born (of the pool that it is of).
local function main()
  same_incarnation()
  -- One without a copy may have ended the recovery of an emptied Redis before us, and nobody has made anything since.
  if meta.f.state ~= 'recovering' and (has(meta.f.born) or not has(meta.f.wiped)) then
    refuse('not_recovering', 'pool is ' .. tostring(meta.f.state) .. '; it has lost nothing')
  end
  if has(meta.f.born) and meta.f.born ~= a.born then
    refuse('other_pool', 'the copy is of a pool born at ' .. a.born .. ', this one was at ' .. meta.f.born)
  end
  -- Ids of calls that Redis forgot must not come again: they are counted on from somewhere else.
  if not has(meta.f.born) then put(meta, 'seq', tonumber(a.version) % 1e7) end
  put(meta, 'born', a.born)
  put(meta, 'config', math.max(tonumber(meta.f.config or '0'), tonumber(a.version)))
  if meta.f.state == 'recovering' then put(meta, 'restoring', a.instance) end
end
