#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What callers who only wait cost: CPU of mqsd and Redis with none, with CALLS callers and AGENTS members of whom none is
# free, and with none again, SECONDS each. Prints figures, asserts none: waiting-cost.sh [SECONDS].
set -u
. tests/func/lib.sh
seconds=${1:-120}
CALLS=${CALLS:-3600}
AGENTS=${AGENTS:-2000}

cpu_ms() { awk '{print ($14 + $15) * 10}' "/proc/$1/stat"; } # ticks of 10 ms
measure() { # measure TEXT: prints thousandths of a core of both together
	was=$(($(cpu_ms "$mqsd") + $(cpu_ms "$server")))
	sleep "$seconds"
	used=$(($(cpu_ms "$mqsd") + $(cpu_ms "$server") - was))
	echo "$1: mqsd and Redis $((used / seconds))/1000 core; mqsd $(awk '/^VmRSS/{print int($2 / 1024)}' "/proc/$mqsd/status") MB"
}
waiting() { redis hget 'mqs:{default}:count' q:q:waiting; }
all_wait() { [ "$(waiting)" = "$CALLS" ]; }
none_waits() { [ "$(waiting)" = "" ]; }

lab_up --nodes 8
mqsctl queue create q >/dev/null
i=0
while [ $i -lt "$AGENTS" ]; do
	i=$((i + 1))
	echo "agent add $i"
	echo "queue member add q $i"
	echo "agent pause $i reason bench"
	echo "agent login $i"
done >"$TMP/agents"
mqsctl <"$TMP/agents" >"$TMP/agents.out" 2>&1
check "$AGENTS agents are there, and none is free" [ "$(redis zcard 'mqs:{default}:members:q')" = "$AGENTS" ]
mqsd=$(lab_value mqsd pid)
server=$(lab_value redis pid)
sleep 5
measure "none waits"
call_in 1 caller-stays -m "$CALLS" -r 60 -l "$CALLS"
check "$CALLS callers wait" until_true 150 all_wait
sleep 5
measure "$CALLS wait"
end_ours "$caller_pid" USR1
mqsctl call list | sed -n 's/^\([0-9-]*\) .*/call hangup \1/p' >"$TMP/ends"
mqsctl <"$TMP/ends" >/dev/null 2>&1
check "all are gone" until_true 120 none_waits
sleep 5
measure "none waits"
done_testing
