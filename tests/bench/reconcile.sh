#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# How long a new mqsd takes to know a node with CALLS callers: from its first line in the log to "up", and of
# that from the event socket to "up". RUNS kills, median and maximum.
set -u
. tests/func/lib.sh
CALLS=${CALLS:-450}
RUNS=${RUNS:-9}

stamp_ms() { # the time of a log line, in ms
	printf '%s\n' "$1" | sed 's/^.*T\(..\):\(..\):\(..\)\.\(...\) .*/\1 \2 \3 \4/' |
		awk '{print (($1 * 60 + $2) * 60 + $3) * 1000 + $4}'
}
line() { tail -n "+$from" "$LAB/log/mqsd.log" | grep -F -- "$1" | head -n 1; }
is_up() { [ -n "$(line 'reconciling -> up')" ]; }
waiting() { mqsctl --json status | tr -d ' \n' | grep -o '"waiting":[0-9]*' | head -n 1 | cut -d: -f2; }
all_wait() { [ "$(waiting)" = "$CALLS" ]; }
summary() { # of numbers, one a line
	sort -n | awk '{a[NR] = $1} END {print "median " a[int((NR + 1) / 2)] " ms, max " a[NR] " ms"}'
}

lab_up --nodes 1
mqsctl queue create q >/dev/null
call_in 1 caller-stays -m "$CALLS" -r 100 -l "$CALLS"
check "$CALLS callers wait" until_true 60 all_wait
run=0
while [ $run -lt "$RUNS" ]; do
	run=$((run + 1))
	from=$(($(wc -l <"$LAB/log/mqsd.log") + 1))
	lab kill mqsd-1 >/dev/null
	lab start mqsd-1 >/dev/null
	until_true 20 is_up || not_ok "run $run: the node is up again"
	up=$(stamp_ms "$(line 'reconciling -> up')")
	echo $((up - $(stamp_ms "$(line 'connecting -> reconciling')"))) >>"$TMP/reconcile"
	echo $((up - $(stamp_ms "$(line 'instance mqsd-1, pool')"))) >>"$TMP/start"
done
check "they still wait" until_true 10 all_wait
echo "reconcile of $CALLS channels: $(summary <"$TMP/reconcile")"
echo "start of mqsd until it decides: $(summary <"$TMP/start")"
done_testing
