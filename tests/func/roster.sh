#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A node is added while two mqsd run, takes calls, outlives what Kamailio, mqsd and Redis forget, and is removed when it
# is drained and empty, not before. The mqsd are the test's own: their files have a1 only.
set -u
. tests/func/lib.sh

dir=$TMP/m
start() { # start INSTANCE
	"$BIN/mqsd" -f -c "$dir/$1.conf" >>"$dir/$1.log" 2>&1 &
	echo $! >"$dir/$1.pid"
	pids="$pids $!"
}
on() { # on INSTANCE COMMAND...
	socket=$dir/$1.sock
	shift
	MQS_SOCKET=$socket "$BIN/mqsctl" "$@"
}
node_is() { mqsctl --json node list | tr -d ' \n' | tr '{' '\n' | grep "\"name\":\"$1\"" | grep -q "\"state\":\"$2\""; }
node_of() { grep '"call_entered"' "$EVENTS" | grep -F "\"number\":\"$1\"" | tail -n 1 | json node; }
has_node() { on "$1" node list | grep -q "^a2 "; }
lacks_node() { on "$1" node list >"$TMP/nodes" && lacks "$TMP/nodes" "^a2 "; }
flags() { rpc dispatcher.list | tr -d ' \t\n' | tr '{' '\n' | grep -B3 "\"DUID\":\"$1\"" | grep -o '"FLAGS":"[A-Z]*"' | cut -d'"' -f4; }
flags_are() { [ "$(flags "$1")" = "$2" ]; }
# Kamailio refuses a second change of its list within five seconds.
forgets() { rpc dispatcher.remove "1,\"sip:$(node_value a2 sip)\"" | grep -q Ok; }
refused() { # refused PATTERN COMMAND...
	pattern=$1
	shift
	mqsctl "$@" >"$TMP/said" 2>&1
	[ $? = 1 ] && grep -q "$pattern" "$TMP/said"
}
quietly() { "$@" >"$TMP/quiet"; }
enters_a2() { # callers until one is on a2
	for n in "$@"; do
		call_in "$n" caller-stays
		callers="$callers $caller_pid"
		until_true 10 has_event call_entered "\"number\":\"$n\"" || not_ok "caller $n enters"
		[ "$(node_of "$n")" = a2 ] && on_a2=$n && return 0
	done
	return 1
}
callers=
ends() { # ends NUMBER: its call is ended, and gone
	quietly mqsctl --yes call hangup "$(mqsctl --json call list from "$1" | json id)"
}

lab_up --nodes 2 --no-mqsd
export MQS_SOCKET="$dir/i1.sock"
for i in i1 i2; do
	write_conf $i
	start $i
done
until_true 10 forgets
follow_events
mqsctl queue create q timeout 20 >/dev/null
check "one node is up" until_true 20 node_is a1 up
check "Kamailio has no other" flags_are a2 ""
url=$(node_value a2 ari)
sip=sip:$(node_value a2 sip)
secret=$(node_value a2 password)

new_case "a node is added"
mqsctl node add a2 "$url" sip "$sip" password "$secret" >"$TMP/said"
check "it is said how to undo it" grep -q "^undo: node remove a2" "$TMP/said"
check_event "it is told" node_added '"node":"a2"'
check "it is up" until_true 20 node_is a2 up
check "Kamailio uses it" until_true 20 flags_are a2 AP
check "the other mqsd knows it" until_true 5 has_node i2
check "node check finds nothing" quietly mqsctl node check a2
check "nor does doctor" quietly mqsctl doctor
agent 2001 agent-answers -d 0
check "it gets a caller" enters_a2 101 102 103 104
check "whom an agent answers" until_true 15 is 101 talking
check "it is not added twice" refused "there is a node a2 already" node add a2 "$url"
check "a wrong address is refused" refused "is no such address" node add a3 ftp://x
mqsctl --json node list >"$TMP/list"
mqsctl export >>"$TMP/list"
for f in "$TMP/list" "$TMP/said" "$EVENTS" "$dir/i1.log" "$dir/i2.log"; do
	check "its password is not in $(basename "$f")" lacks "$f" -F "$secret"
done

new_case "others forget it"
until_true 10 forgets
check "Kamailio is told again" until_true 20 flags_are a2 AP
kill "$(cat "$dir/i1.pid")"
wait "$(cat "$dir/i1.pid")" 2>/dev/null
start i1
check "a new mqsd knows it" until_true 20 has_node i1
follow_events
check "and it is up" until_true 20 node_is a2 up
redis flushall >/dev/null
check "so it is after Redis lost all" until_true 30 node_is a2 up
check "with its call" until_true 10 is "$on_a2" talking

new_case "it is removed"
check "not while it is in use" refused "has .* call" node remove a2
mqsctl node drain a2 >/dev/null
check "nor with a call on it" refused "has .* call" node remove a2
ends "$on_a2"
check_event "then it is empty" node_drained '"node":"a2"'
removed() { mqsctl node remove a2 >"$TMP/said" 2>&1; }
check "and can be removed" until_true 10 removed
check_event "that is told" node_removed '"node":"a2"'
for i in i1 i2; do check "$i has forgotten it" until_true 5 lacks_node $i; done
check "Kamailio has it no more" until_true 20 flags_are a2 ""
check "one of the file is not removed so" refused "mqsd.conf of i. has .node a1" node remove a1
check "one that is none is refused" refused "no node a9" node remove a9
check "one that is not drained, too" refused "mqsd.conf" node remove a1

new_case "it is added again"
mqsctl node add a2 "$url" sip "$sip" password "$secret" >"$TMP/said"
check "it is up" until_true 20 node_is a2 up
check "Kamailio uses it" until_true 20 flags_are a2 AP
hang_up_all
for p in $callers; do ends_well_within 10 "$p" || not_ok "a caller's phone saw no whole call"; done
check_clean
check "the invariants hold" invariants_hold
for i in i1 i2; do
	kill "$(cat "$dir/$i.pid")"
	wait "$(cat "$dir/$i.pid")" 2>/dev/null
	check "no sanitizer spoke of $i" sanitizers_are_quiet "$dir/$i.log"
done

done_testing
