#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a whole call costs: CPU of mqsd and of Redis over SECONDS of steady calls, RATE a second, of the lab's 4 nodes and
# 300 agents, divided by the calls that ended. What loadtest asks of Redis to watch the run is taken off again; it also
# reads the events, as a wallboard would. Prints figures, asserts none: call-cost.sh [SECONDS [RATE]].
set -u
. tests/func/lib.sh
seconds=${1:-40}
rate=${2:-25}
talk=10

cpu_us() { awk '{print ($14 + $15) * 10000}' "/proc/$1/stat"; } # ticks of 10 ms
stat_of() { redis info commandstats | tr -d '\r' | sed -n "s/^cmdstat_$1:calls=\([0-9]*\),usec=\([0-9]*\),.*/\\$2/p"; }
now_ms() { date +%s%3N; }

lab_up --nodes 4
end_ours "$events_pid"
"$BIN/loadtest" run smoke --lab "$LAB" --dir "$TMP/run" --no-preflight --set callers=$((rate * (seconds + 30))) \
	--set call_rate="$rate" --set agents=300 --set register_rate=100 --set talk_s=$talk >"$TMP/run.out" 2>&1 &
run_pid=$!
pids="$pids $run_pid"
ended_one() { redis xrange 'mqs:{default}:events' - + | grep -q '"event":"call_ended"'; }
check "calls end" until_true 60 ended_one
sleep 5 # and as many as begin

mqsd=$(lab_value mqsd pid)
server=$(lab_value redis pid)
redis config resetstat >/dev/null
from=$(now_ms)
mqsd_us=$(cpu_us "$mqsd")
redis_us=$(cpu_us "$server")
sleep "$seconds"
mqsd_us=$(($(cpu_us "$mqsd") - mqsd_us))
redis_us=$(($(cpu_us "$server") - redis_us))
to=$(now_ms)
scripts=$(stat_of fcall 1)
script_us=$(stat_of fcall 2)
others_us=$(stat_of eval 2)
calls=$(redis xrange 'mqs:{default}:events' "$from" "$to" | grep -c '"event":"call_ended"')
check "as many calls ended as began" [ $((calls * 10)) -ge $((rate * seconds * 8)) ]
[ "$calls" -gt 0 ] && echo "a whole call ($calls in $seconds s): mqsd $((mqsd_us / calls)) us, Redis $(((redis_us - others_us) / calls)) us;" \
	"$((scripts * 10 / calls))/10 scripts of $((script_us / scripts)) us; loadtest's and leases' scripts took $((others_us / calls)) us more"
wait "$run_pid"
check "all went well" [ $? = 0 ]
tail -n 1 "$TMP/run.out"
done_testing
