#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the tests named on the command line, each "NAME=COMMAND", one after the other; shows a failed
# one's output, the ten slowest, and ends with "N passed, N failed". Logs: build/check/NAME.log.
set -u
logs=build/check
mkdir -p "$logs"
times=$logs/times
: >"$times"
passed=0
failed=0
child=
stop() {
	[ -z "$child" ] || kill -TERM "$child" 2>/dev/null
	[ -z "$child" ] || wait "$child" 2>/dev/null
	echo "$passed passed, $((failed + 1)) failed"
	exit 130
}
trap stop INT TERM HUP
for test in "$@"; do
	name=${test%%=*}
	command=${test#*=}
	begin=$(date +%s%3N)
	sh -c "exec $command" >"$logs/$name.log" 2>&1 </dev/null &
	child=$!
	wait "$child"
	status=$?
	child=
	ms=$(($(date +%s%3N) - begin))
	echo "$ms $name" >>"$times"
	if [ "$status" = 0 ]; then
		passed=$((passed + 1))
		printf 'ok   %-28s %6d ms\n' "$name" "$ms"
	else
		failed=$((failed + 1))
		printf 'FAIL %-28s %6d ms (status %d), the end of %s:\n' "$name" "$ms" "$status" "$logs/$name.log"
		tail -n 60 "$logs/$name.log" | sed 's/^/     /'
	fi
done
echo
echo "The ten slowest:"
sort -rn "$times" | head -n 10 | awk '{printf "  %6.1f s  %s\n", $1 / 1000, $2}'
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
