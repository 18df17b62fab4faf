#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the tests named on the command line, each "NAME=COMMAND", JOBS (2) at a time, in their order; shows a failed
# one's output, the ten slowest, and ends with "N passed, N failed". Logs: build/check/NAME.log.
set -u
JOBS=${JOBS:-2}
logs=build/check
rm -rf "$logs"
mkdir -p "$logs/taken"
: >"$logs/results"
runners=

sum() {
	passed=$(grep -c '^ok' "$logs/results")
	failed=$(($# - passed))
	echo
	echo "The ten slowest:"
	sort -k3 -rn "$logs/results" | head -n 10 | awk '{printf "  %6.1f s  %s\n", $3 / 1000, $2}'
	echo
	echo "$passed passed, $failed failed"
}

stop() {
	trap '' INT TERM HUP
	# shellcheck disable=SC2086 # words
	kill -TERM $runners 2>/dev/null
	wait
	sum "$@"
	exit 130
}

run_one() { # run_one NAME COMMAND
	begin=$(date +%s%3N)
	sh -c "exec $2" >"$logs/$1.log" 2>&1 </dev/null &
	child=$!
	wait "$child"
	status=$?
	child=
	ms=$(($(date +%s%3N) - begin))
	if [ "$status" = 0 ]; then
		echo "ok $1 $ms" >>"$logs/results"
		printf 'ok   %-28s %6d ms\n' "$1" "$ms"
	else
		echo "FAIL $1 $ms" >>"$logs/results"
		printf 'FAIL %-28s %6d ms (status %d), the end of %s:\n%s\n' "$1" "$ms" "$status" "$logs/$1.log" \
			"$(tail -n 60 "$logs/$1.log" | sed 's/^/     /')"
	fi
}

# Takes the next test that no other runner has taken.
runner() {
	child=
	trap '[ -z "$child" ] || kill -TERM "$child"; [ -z "$child" ] || wait "$child"; exit 1' INT TERM HUP
	for test in "$@"; do
		mkdir "$logs/taken/${test%%=*}" 2>/dev/null && run_one "${test%%=*}" "${test#*=}"
	done
}

trap 'stop "$@"' INT TERM HUP
i=0
while [ $i -lt "$JOBS" ]; do
	i=$((i + 1))
	runner "$@" &
	runners="$runners $!"
done
wait
sum "$@"
[ "$failed" = 0 ]
