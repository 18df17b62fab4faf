-- Goes on with the end of a recovery that was too large for one script. inc.
local function main()
  same_incarnation()
  recovery_step()
end
