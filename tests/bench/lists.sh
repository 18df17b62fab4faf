#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What listing costs at the talk's size, 3,600 calls and 2,000 agents with SPEED times their turnover: how long each
# command of mqsctl takes, and what SHELLS that list in a loop, PAUSE_MS between two, change for offers, in pairs: SECONDS
# without, SECONDS with. An offer's latency is loadtest's (mqs-report(5)): a mean over the seconds of a phase of what each
# second's median and 99th percentile were. Prints figures, asserts none: lists.sh [PAIRS [SECONDS]].
set -u
. tests/func/lib.sh
pairs_wanted=${1:-4}
seconds=${2:-30}
SPEED=${SPEED:-8}
SHELLS=${SHELLS:-10}
PAUSE_MS=${PAUSE_MS:-0}
TIMES=${TIMES:-100}
samples=$TMP/run/samples.jsonl
watch=$TMP/stopwatch
${CC:-cc} -O2 -o "$watch" tests/bench/stopwatch.c || exit 1

last() { tail -n 1 "$samples" 2>/dev/null | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
all_talk() { [ "$(last talking)" -ge 1900 ] 2>/dev/null && [ "$(last calls)" -ge 3500 ]; }
line() { wc -l <"$samples"; }
# phase FROM TO: "offers p50 p99 mqsd redis" of those lines of the samples
phase() {
	sed -n "$(($1 + 1)),$2p" "$samples" | awk '
		function of(name, key) {
			if (!match($0, "\"" name "\":[{][^}]*\"" key "\":[0-9.e+-]*")) return 0
			found = substr($0, RSTART, RLENGTH)
			sub(/.*:/, "", found)
			return found
		}
		of("offer", "n") > 0 {n += of("offer", "n"); p50 += of("offer", "p50"); p99 += of("offer", "p99"); k++}
		{mqsd += of("mqsd-1", "cpu"); redis += of("redis", "cpu")}
		END {if (k) printf "%d %.2f %.2f %.3f %.3f\n", n, p50 / k, p99 / k, mqsd / NR, redis / NR}'
}

lab_up --nodes 8
# shellcheck disable=SC2154 # lab_up sets it
end_ours "$events_pid"
"$BIN/loadtest" run talk-2014 --speed "$SPEED" --lab "$LAB" --dir "$TMP/run" --no-preflight >"$TMP/run.out" 2>&1 &
run_pid=$!
pids="$pids $run_pid"
check "3,600 calls, 2,000 of them talk" until_true 400 all_talk
sleep 30

first() { mqsctl "$@" list | sed -n '2s/ .*//p'; }
queue=$(first queue)
agent=$(first agent)
while read -r command; do
	# The youngest call: it lasts longer than this.
	case $command in *CALL*) command="${command%CALL}$(mqsctl call list | sed -n '$s/ .*//p')" ;; esac
	# shellcheck disable=SC2086 # words
	set -- $command
	echo "$command: $("$watch" "$TIMES" 300 "$BIN/mqsctl" "$@" | awk '{printf "p50 %s  p99 %s  max %s ms, %d of %d failed", $2, $3, $4, $5, $1}')"
done <<END
call list
agent list
queue show $queue
queue list
status
node list
export
agent show $agent
call show CALL
call list state waiting
--json call list
--json agent list
END

pair=0
while [ $pair -lt "$pairs_wanted" ]; do
	pair=$((pair + 1))
	a=$(line)
	sleep "$seconds"
	b=$(line)
	shells=
	n=0
	while [ $n -lt "$SHELLS" ]; do
		case $((n % 3)) in
		0) set -- call list ;;
		1) set -- agent list ;;
		2) set -- queue show "$queue" ;;
		esac
		"$watch" 0 "$PAUSE_MS" "$BIN/mqsctl" "$@" >"$TMP/shell.$n" 2>&1 &
		shells="$shells $!"
		n=$((n + 1))
	done
	sleep 2
	c=$(line)
	sleep "$seconds"
	d=$(line)
	for p in $shells; do end_ours "$p"; done
	for p in $shells; do wait "$p"; done
	echo "$(phase "$a" "$b") $(phase "$c" "$d") $(awk '{n += $1; if ($3 > p99) p99 = $3; f += $5} END {print n, p99, f}' "$TMP"/shell.*)"
	sleep 5
done >"$TMP/pairs"
awk '{printf "without: %d offers, p50 %s p99 %s ms, mqsd %s redis %s core; with: %d offers, p50 %s p99 %s ms, mqsd %s redis %s core; p99 %+.1f %%; %d lists, p99 %s ms, %d failed\n",
	$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ($8 / $3 - 1) * 100, $11, $12, $13; without += $3; with += $8}
	END {printf "p99 of offers with %s shells: %+.1f %%\n", shells, (with / without - 1) * 100}' shells="$SHELLS" "$TMP/pairs"
end_ours "$run_pid" INT
wait "$run_pid"
done_testing
