-- SPDX-License-Identifier: BSD-2-Clause
-- The files of this directory stand in front of all scripts, in the order of embed.sh, in one library of functions that
-- Redis compiles once. A script is a function main() that reads and checks through these functions and only *plans* its
-- writes; the epilogue carries the plan out after main() has returned.
-- So a refusal, from wherever it comes, leaves Redis as it was, and nothing can fail between two writes.
--
-- One key     the pool's prefix, "mqs:{pool}:"
-- One argument  JSON object of arguments; `inc` is the incarnation of Redis that the caller opened the pool under,
--             `opened` when its last recovery had begun then, and `instance` the caller's name
-- Reply       JSON: {ok=true, events=[...], claims=[...], ...} or {refused="code", text="sentence"}
--
-- Times are ms since the epoch, numbers in Lua and text in Redis. cjson and tostring keep 14 digits, so
-- whatever needs more (tokens, call ids, scores) stays text or goes through int().
local base, a, reply      -- prefix, arguments, reply
local meta, now           -- the pool's own object, its clock

-- What belongs to one run, and would else be found by the next.
local types, objects, object_order, zsets, zset_order, sets, set_order, strings, string_order
local counts, events
local dirty_queues        -- those in which a match may have become possible
local bells               -- a bell wakes the instances that follow the channel, heard or not:
                          -- `node <name>`: look at todo:<name>; `reconcile <name>`: compare it with its
                          -- records; `due`: something is due now
local function clear(keys, args)
  base, a, reply = keys[1], cjson.decode(args[1]), {ok = true}
  types, objects, object_order, zsets, zset_order = {}, {}, {}, {}, {}
  sets, set_order, strings, string_order = {}, {}, {}, {}
  counts, events, dirty_queues, bells = {}, {}, {}, {}
end

local BATCH = 64          -- members a script looks at at most
local STRICT = 1e13       -- above any time in ms: one step of penalty in an idle score

local function refuse(code, text)
  error({refused = code, text = text})
end

local function int(n) return string.format('%d', n) end

local circuit = {}        -- circuit.lua: what is charged to nodes and to Kamailio

local function has(v) return v ~= nil and v ~= cjson.null and v ~= '' end
