#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A short chaos: a few faults, one after the other, with calls in progress; what it reports, and that it does not
# take a lab that stays broken for a good one. `make chaos` is the long form.
set -u
. tests/func/base.sh

chaos() { # chaos PLAN [OPTION...]: its exit status in $status
	plan=$1
	shift
	"$BIN/loadtest" chaos --plan "$plan" --nodes 2 --set call_rate=4 --set agents=40 --set talk_s=5 \
		--set stay_s=8 --set drain_deadline_s=30 --report "$TMP/report" "$@" >"$TMP/out" 2>"$TMP/err"
	status=$?
}
made() { # how the faults of that name went: "false" is in time
	tr -d '\n' <"$TMP/report" | grep -o "\"fault\": \"$1\"[^}]*\"late\": [a-z]*" | sed 's/.* //' | tr '\n' ' '
}

# Not killed: a new Kamailio looks after the calls of before only when their keep-alive is due, in half a minute.
echo "--- one of two mqsd killed, a node lost, Kamailio stopped"
cat >"$TMP/plan" <<'PLAN'
# a fault a line
0 mqsd-kill mqsd-1 - 1000
0 node-kill a2 - 500
0 kamailio-stop kamailio - 700
PLAN
chaos "$TMP/plan" --mqsd 2 --replicas 0 --sentinels 0 --no-netns
check "nobody but the killed node's callers noticed" [ "$status" = 0 ]
for fault in mqsd-kill kamailio-stop node-kill; do
	check "$fault was made, and over in time" [ "$(made $fault)" = "false " ]
done
check "the plan is in the report" grep -q '^0 kamailio-stop kamailio - 700$' "$TMP/out"
check "no call is dropped" grep -q '^chaos: [0-9]* calls, 0 dropped' "$TMP/out"

echo "--- what can't be made"
echo '0 mqsd-cut mqsd-1 - 1000' >"$TMP/plan"
chaos "$TMP/plan" --no-netns
check "no link is cut without namespaces" [ "$status" = 2 ]
check "it says why" grep -q 'mqsd-cut needs what this lab has not: --no-netns was given' "$TMP/err"
