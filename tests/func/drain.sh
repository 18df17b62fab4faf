#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A node that is drained: no new caller comes to it while what it has waits, is offered and talks to its end; Kamailio,
# mqsd and Redis may forget it meanwhile. Then it is taken in again.
set -u
. tests/func/lib.sh

flags() { rpc dispatcher.list | tr -d ' \t\n' | tr '{' '\n' | grep -B3 "\"DUID\":\"$1\"" | grep -o '"FLAGS":"[A-Z]*"' | cut -d'"' -f4; }
flags_are() { [ "$(flags "$1")" = "$2" ]; }
node_list_says() { mqsctl node list | grep "^$1 " | grep -q -- "$2"; }
node_of() { grep '"call_entered"' "$EVENTS" | grep -F "\"number\":\"$1\"" | tail -n 1 | json node; }
enters() { # enters NUMBER...: callers of queue `other`, which nobody serves
	queue=other
	for n in "$@"; do
		call_in "$n" caller-stays
		others="$others $caller_pid"
		until_true 10 has_event call_entered "\"number\":\"$n\"" || not_ok "caller $n enters"
	done
	queue=q
}
others=
all_on() { # all_on NODE NUMBER...
	where=$1
	shift
	for n in "$@"; do [ "$(node_of "$n")" = "$where" ] || return 1; done
}
mqsd_is_back() { [ "$(lab_value mqsd pid)" != "$1" ] && is_there; }
status_says() { mqsctl status | grep -q "$1"; }

lab_up --nodes 2
mqsctl queue create q timeout 20 >/dev/null
mqsctl queue create other >/dev/null
agent 2001 agent-answers -d 0
new_calls_to a1
call_in 101 caller-stays
talker=$caller_pid
check "one talks" until_true 10 is 101 talking
call_in 102 caller-stays
waiter=$caller_pid
check "one waits" until_true 10 is 102 waiting
check "on the same node" all_on a1 101 102
new_calls_to all

new_case "a node with a waiting and a talking call is drained"
mqsctl node drain a1 >"$TMP/said"
check "it is said how many calls go on" grep -q "the 2 calls on it go on" "$TMP/said"
check "and how to take it back" grep -q "^undo: node undrain a1" "$TMP/said"
check_event "it is told" node_draining '"node":"a1"' '"calls":2'
check "Kamailio has it disabled" flags_are a1 DX
enters 201 202 203 204
check "new callers go to the other" all_on a2 201 202 203 204
check "it is listed as draining, with what is left" node_list_says a1 "draining, 2 left"
check "the status tells of it" status_says "node a1 draining for"
mqsctl node drain a1 >"$TMP/said"
check "a second wish changes nothing" lacks "$TMP/said" "^undo"
check "and is no event" [ "$(count_events node_draining)" = 1 ]

new_case "Kamailio is restarted meanwhile"
lab kill kamailio >/dev/null
lab start kamailio >/dev/null
check "it has it disabled again" until_true 15 flags_are a1 DX
check "and probes the other" until_true 15 flags_are a2 AP
enters 205 206 207 208
check "new callers go to the other" all_on a2 205 206 207 208
for state in ip ap; do
	rpc dispatcher.set_state "\"$state\",1,\"sip:$(node_value a1 sip)\"" >/dev/null
	check "so it is after somebody has set it to $state by hand" until_true 10 flags_are a1 DX
done

new_case "mqsd is restarted meanwhile"
pid=$(lab_value mqsd pid)
kill "$pid"
check "mqsd is back" until_true 30 mqsd_is_back "$pid"
follow_events
rpc dispatcher.set_state "\"ap\",1,\"sip:$(node_value a1 sip)\"" >/dev/null
check "the node stays drained" until_true 10 flags_are a1 DX

new_case "its calls end as any other"
agent 2002 agent-leaves -d 300
check "who waited is answered" until_true 20 ended 102 agent_left
check "and saw a whole call" ends_well_within 10 "$waiter"
check "one is left" node_list_says a1 "draining, 1 left"
check "who talked talks on" is 101 talking
mqsctl call hangup "$(mqsctl --json call list from 101 | json id)" >/dev/null
check "and saw a whole call" ends_well_within 10 "$talker"
check_event "then it is empty" node_drained '"node":"a1"'
check "and listed so" node_list_says a1 "drained"

new_case "Redis forgets everything"
redis flushall >/dev/null
check_event "mqsd remembers it" node_draining '"node":"a1"'
check "it is still drained" node_list_says a1 "drained"
check "in Kamailio, too" flags_are a1 DX
enters 209 210
check "new callers go to the other" all_on a2 209 210

new_case "it is taken in again"
mqsctl node undrain a1 >"$TMP/said"
check "it is said how to undo that" grep -q "^undo: node drain a1" "$TMP/said"
check_event "it is told" node_undrained '"node":"a1"'
check "after a probe it is in use" until_true 10 flags_are a1 AP
enters 211 212
check "and gets a caller" sh -c "[ '$(node_of 211)' = a1 ] || [ '$(node_of 212)' = a1 ]"
check "the status has forgotten it" says_no "a1 drain" mqsctl status
mqsctl node undrain a1 >"$TMP/said"
check "a second time changes nothing" grep -q "was not draining" "$TMP/said"

new_case "there is no such node, and no Kamailio"
mqsctl node drain a9 >"$TMP/said" 2>&1
check "a node that is none is refused" [ $? = 1 ]
lab kill kamailio >/dev/null
mqsctl node drain a2 >"$TMP/said"
check "without Kamailio the wish is kept, and that is said" grep -q "it is told as soon as it does" "$TMP/said"
lab start kamailio >/dev/null
check "and it is told" until_true 15 flags_are a2 DX
mqsctl node undrain a2 >/dev/null
check "and told of the end of it" until_true 10 flags_are a2 AP
hang_up_all
for p in $others; do ends_well_within 10 "$p" || not_ok "a caller's phone saw no whole call"; done
check_clean

done_testing
