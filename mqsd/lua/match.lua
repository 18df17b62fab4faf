-- Goes on with a match that was too large for one script, or (all = true) looks at every queue once, page by
-- page, when an instance begins to decide. inc, queues or all + cursor.
local function main()
  same_incarnation()
  if a.all then match_page(a.cursor)
  else
    for _, q in ipairs(a.queues) do dirty_queues[q] = true end
  end
end
