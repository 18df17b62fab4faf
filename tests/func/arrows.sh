#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mqsd is killed on every arrow between itself, Redis and the nodes: before something is sent, after it was, and
# when the answer was followed; once it is started again, once a second instance takes over. Whoever waits is
# connected all the same, each phone rings once, and nothing is left behind. The rows are in arrows.txt; an arrow
# without one fails. Eight nodes, each with a pool and mqsds of its own, share the work.
#
# ARROWS="dial join" kills on these only, MODES="restart takeover".
# Workers count for themselves; their results are added up at the end.
# shellcheck disable=SC2030,SC2031
set -u
. tests/func/lib.sh
MODES=${MODES:-restart takeover}
# This mqsd is not sanitized, and a sanitized mqsctl would take much of the machine to test nothing more.
BIN=$PWD/build/bin
WORKERS=8

# ---- the table ------------------------------------------------------------------------------------------
grep -v '^#' tests/func/arrows.txt | cut -d' ' -f1 | sort >"$TMP/rows"
build/tests/print_arrows | sort >"$TMP/arrows"
if ! diff "$TMP/arrows" "$TMP/rows" >"$TMP/diff"; then
	not_ok "every arrow has a row in tests/func/arrows.txt, and every row an arrow"
	cat "$TMP/diff"
	done_testing
fi
ok "every arrow has a row in tests/func/arrows.txt, and every row an arrow"
points_of() { # points_of SCENE: "SCENE ARROW.STAGE"
	awk -v scene="$1" -v only=" ${ARROWS:-} " '!/^#/ && $2 == scene &&
		(only == "  " || index(only, " " $1 " ")) {for (i in stage) print scene, $1 "." stage[i]}
		BEGIN {split("before sent reply", stage, " ")}' tests/func/arrows.txt
}
for name in build part nowhere login ask adopt start wipe; do points_of $name; done >"$TMP/points"

# ---- a worker: one node, one pool, instances a and b ----------------------------------------------------
mq() { MQS_SOCKET=$dir/$at.sock mqsctl "$@" 2>>"$dir/mqsctl.err"; }
is_dead() { ! kill -0 "$(cat "$dir/$1.pid")" 2>/dev/null; }
kill_mqsd() {
	end_ours "$(cat "$dir/$1.pid")" KILL
	wait "$(cat "$dir/$1.pid")" 2>/dev/null
}
node_is_up() { mq --json node list | tr -d ' \n' | grep -q '"state":"up"'; }
owner() { mq --json node list | json owner; }
calls_are() { # calls_are STATE NUMBER
	[ "$(mq --json call list | tr -d ' \n' | grep -o "\"state\":\"$1\"" | grep -c .)" = "$2" ]
}
talk_and_wait() { calls_are talking 1 && calls_are waiting 1 && node_is_up; }
pool_is_clean() {
	no_keys "mqs:{$pool}:call:*" "mqs:{$pool}:chan:*" "mqs:{$pool}:o*" &&
		[ "$(ari "$node" GET channels)" = "[]" ] && [ "$(ari "$node" GET bridges)" = "[]" ]
}
agent_is() { mq --json agent show "$agent" | tr -d ' \n' | grep -q "\"state\":\"$1\""; }
rings() { grep -c '^INVITE' "$TMP/phone-$agent.msg"; }
to_node() { # to_node SCENARIO [SIPP OPTION...]: a caller of this worker's node; its pid in caller_pid
	number=$((number + 1))
	KAMAILIO=$(node_value "$node" sip)
	call_in "$number" "$@"
	KAMAILIO=$(lab_value kamailio sip)
}
hang_up_all() {
	for id in $(mq --json call list | tr -d ' \n' | grep -o '"id":"[^"]*"' | cut -d'"' -f4); do
		mq call hangup "$id" >/dev/null
	done
}
want() { # want TEXT SECONDS COMMAND...
	text="$mode $point: $1"
	seconds=$2
	shift 2
	if until_true "$seconds" "$@"; then
		ok "$text"
	else
		not_ok "$text"
		mq call list
		mq agent show "$agent"
		redis --raw keys "mqs:{$pool}:*" | sort | sed 's/^/     /'
		tail -n 20 "$dir/$at.log" | sed 's/^/     /'
	fi
}

# The instance that holds the node is told where to die, and does. Then it starts again, or the other takes over.
order() { echo "kill $point" >"$dir/orders/$1"; }
be_killed() { # be_killed INSTANCE
	if ! until_true 10 is_dead "$1"; then
		rm -f "$dir/orders/$1"
		not_ok "$mode $point: mqsd comes by there"
		hang_up_all
		until_true 20 pool_is_clean
		return 1
	fi
	wait "$(cat "$dir/$1.pid")" 2>/dev/null
	victim=$1
	other=${pool}b
	[ "$1" = "${pool}b" ] && other=${pool}a
	if [ "$mode" = restart ]; then
		start_mqsd "$1"
	else
		at=$other
	fi
}
mend() { # the instance that died comes back, when the other has taken over
	[ "$mode" = restart ] && return
	start_mqsd "$victim"
	until_true 10 [ -S "$dir/$victim.sock" ]
}
end_all() {
	mend
	hang_up_all
	want "the caller's phone saw a whole call" 1 ended_well "$caller_pid"
	want "nothing is left, the agent is idle" 20 pool_is_clean
	until_true 10 agent_is idle
}

build() {
	before=$(rings)
	victim=$(owner)
	order "$victim"
	to_node caller-stays
	be_killed "$victim" || return
	want "caller and agent talk" 30 calls_are talking 1
	want "the phone rang once" 1 [ "$(rings)" = $((before + 1)) ]
	end_all
}
part() {
	to_node caller-stays
	want "caller and agent talk before" 20 calls_are talking 1
	leg=$(ari "$node" GET channels | grep -o '"id": *"[0-9]*-[0-9]*\.[0-9]*"' | cut -d'"' -f4 | head -n 1)
	victim=$(owner)
	order "$victim"
	ari "$node" DELETE "channels/$leg"
	be_killed "$victim" || return
	want "nothing is left" 30 pool_is_clean
	end_all
}
nowhere() {
	victim=$(owner)
	order "$victim"
	queue=nowhere
	to_node caller-stays
	queue=q
	be_killed "$victim" || return
	want "the caller went on in the dialplan" 30 pool_is_clean
	wait "$caller_pid"
	mend
}
login() {
	mq agent logout "$agent" >/dev/null
	before=$(rings)
	to_node caller-stays
	want "the caller waits" 10 calls_are waiting 1
	victim=$at
	order "$victim"
	mq agent login "$agent" >/dev/null
	be_killed "$victim" || return
	until_true 20 node_is_up
	mq agent login "$agent" >/dev/null
	want "caller and agent talk" 30 calls_are talking 1
	want "the phone rang once" 1 [ "$(rings)" = $((before + 1)) ]
	end_all
}

# ---- scenes in which mqsd starts: both are dead, one starts and dies on the way ------------------------
stop_all() { # who held the node is who starts again
	victim=$(owner)
	for i in $instances; do kill_mqsd "$i"; done
}
start_again() {
	at=$victim
	order "$at"
	start_mqsd "$at"
	be_killed "$at" || return 1
	[ "$mode" = restart ] || start_mqsd "$at"
}
copies_are_current() {
	mq export >"$dir/export"
	for i in $instances; do cmp -s "$dir/export" "$dir/$i/$pool.export" || return 1; done
}
wipe() {
	want "every copy of the pool is current" 10 copies_are_current
	stop_all
	for key in $(redis --raw keys "mqs:{$pool}:*"); do redis del "$key" >/dev/null; done
	start_again
	want "one talks, one waits" 30 talk_and_wait
	[ "$mode" = restart ] || start_mqsd "$victim"
}
start() {
	stop_all
	start_again
	want "one talks, one waits" 30 talk_and_wait
	[ "$mode" = restart ] || start_mqsd "$victim"
}
ask() {
	mq agent logout "$agent" >/dev/null
	to_node caller-leaves -d 3000 # mqsd is dead by then
	want "the caller waits" 10 calls_are waiting 1
	stop_all
	wait "$caller_pid"
	start_again
	want "the caller who left is forgotten" 30 pool_is_clean
	until_true 20 node_is_up
	mq agent login "$agent" >/dev/null
	[ "$mode" = restart ] || start_mqsd "$victim"
}
forget() { # all calls, and that the agent was logged in
	for key in $(redis --raw keys "mqs:{$pool}:*"); do
		case $key in
		*:changed | *:agents | *:agent:* | *:queues | *:queue:* | *:member*:* | *:meta | *:nodes | *:node:*) ;;
		*) redis del "$key" >/dev/null ;;
		esac
	done
	redis hdel "mqs:{$pool}:agent:$agent" call leg >/dev/null
	redis hset "mqs:{$pool}:agent:$agent" state idle >/dev/null
	redis hset "mqs:{$pool}:meta" inc another >/dev/null
}
adopt() {
	before=$(rings)
	to_node caller-stays
	want "caller and agent talk before" 20 calls_are talking 1
	stop_all
	forget
	start_again
	want "they talk on" 30 calls_are talking 1
	want "the agent is known to talk" 5 agent_is talking
	want "the phone rang once" 1 [ "$(rings)" = $((before + 1)) ]
	[ "$mode" = restart ] || start_mqsd "$victim"
	mode_was=$mode
	mode=restart
	end_all
	mode=$mode_was
}

# ---- sharing the work -----------------------------------------------------------------------------------
mine() { # mine SCENE: "ARROW.STAGE" of this worker
	awk -v scene="$1" -v worker="$worker" -v workers="$WORKERS" '$1 == scene && NR % workers == worker {print $2}' "$TMP/points"
}
scene() { # scene NAME
	for point in $(mine "$1"); do "$1"; done
}
start_scene() {
	[ -n "$(mine start)$(mine wipe)" ] || return
	point=start
	to_node caller-stays
	talker=$caller_pid
	want "one talks" 20 calls_are talking 1
	to_node caller-stays
	want "one waits" 20 talk_and_wait
	scene start
	scene wipe
	point=start
	hang_up_all
	want "the talker's phone saw a whole call" 1 ended_well "$talker"
	hang_up_all
	want "the other caller's phone, too" 1 ended_well "$caller_pid"
	until_true 20 pool_is_clean
	until_true 10 agent_is idle
}
work() { # work NUMBER
	worker=$1
	node=a$((worker + 1))
	pool=w$worker
	dir=$TMP/$pool
	at=${pool}a
	agent=200$worker
	number=$((1000 * (worker + 1)))
	instances=${pool}a
	port=$((port + worker * 800))
	pids=
	write_conf "${pool}a"
	write_conf "${pool}b"
	start_mqsd "$at"
	until_true 20 node_is_up
	mq queue create q >/dev/null
	mq agent add "$agent" >/dev/null
	mq queue member add q "$agent" >/dev/null
	phone "$agent" agent-answers
	register "$agent" "$port" 3600
	mq agent login "$agent" >/dev/null
	for mode in $MODES; do
		if [ "$mode" = takeover ]; then
			instances="${pool}a ${pool}b"
			start_mqsd "${pool}b"
			until_true 10 [ -S "$dir/${pool}b.sock" ]
		fi
		for name in build part nowhere login ask adopt; do scene $name; done
		start_scene
	done
}

lab_up --nodes $WORKERS --no-mqsd
workers=
for w in $(seq 0 $((WORKERS - 1))); do
	(
		shell_pid=$(exec sh -c 'echo $PPID')
		trap 'for p in $pids; do end_ours "$p" KILL; done' EXIT
		trap 'exit 1' INT TERM HUP
		passed=0
		failed=0
		work "$w"
		echo "$passed $failed" >"$TMP/w$w.result"
	) >"$TMP/w$w.out" 2>&1 &
	workers="$workers $!"
	pids="$pids $!"
done
for p in $workers; do wait "$p"; done
for w in $(seq 0 $((WORKERS - 1))); do
	grep -v '^ok' "$TMP/w$w.out"
	read -r p f <"$TMP/w$w.result" || { p=0 f=1; }
	passed=$((passed + p))
	failed=$((failed + f))
done
done_testing
