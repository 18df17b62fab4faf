#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# While Redis stands still, and while it is dead, two things are done and nothing else: when one side of a conversation
# has left, the other is released, and newcomers are taken in by the dialplan. Afterwards the records say what happened.
set -u
. tests/func/lib.sh

answered() {
	id=$(grep '"call_entered"' "$EVENTS" | grep -F "\"number\":\"$1\"" | tail -n 1 | json call)
	grep '"call_answered"' "$EVENTS" | grep -qF "$id"
}
got() { grep -q "$2" "$TMP/$1.msg" 2>/dev/null; }
pool_is_down() { mqsctl --json status | tr -d ' \n' | grep -q '"status":"down"'; }
agents_rings() { cat "$TMP"/phone-*.msg | grep -c '^INVITE'; }

lab_up --nodes 2
mqsctl queue create q timeout 20 >/dev/null

for fault in stop kill; do
	new_case "Redis: $fault"
	agent "${fault}1" agent-answers -d 0
	call_in "1$fault" caller-leaves -d 6000
	talker=$caller_pid
	check "one talks, and will leave" until_true 10 is "1$fault" talking
	agent "${fault}2" agent-leaves -d 5000
	call_in "2$fault" caller-stays
	left=$caller_pid
	check "one talks, whose agent will leave" until_true 10 is "2$fault" talking
	call_in "3$fault" caller-stays
	waiter=$caller_pid
	check "one waits" until_true 10 is "3$fault" waiting
	rings=$(agents_rings)
	lab "$fault" redis >/dev/null
	check "mqsd knows" until_true 10 pool_is_down
	check "nobody has left yet" no_event call_ended
	call_in "4$fault" caller-stays
	newcomer=$caller_pid
	check "a newcomer is answered" until_true 10 got "caller-4$fault" '^SIP/2.0 200'
	check "the talker leaves" ended_well "$talker"
	check "the agent is released" until_true 10 got "phone-${fault}1" '^BYE'
	check "the caller whose agent left, too" ended_well "$left"
	check "while Redis is away" pool_is_down
	case $fault in stop) lab cont redis >/dev/null ;; kill) lab start redis >/dev/null ;; esac
	kill "$events_pid" 2>/dev/null
	until_true 20 says_no '"status": *"down"' mqsctl --json status
	follow_events
	check "afterwards: the caller left" until_true 20 ended "1$fault" caller_left
	check "and here the agent" until_true 20 ended "2$fault" agent_left
	# Both agents are free again.
	check "the one who waited is answered" until_true 20 answered "3$fault"
	check "the newcomer, too" until_true 20 answered "4$fault"
	check "nobody was rung meanwhile" [ "$(agents_rings)" = $((rings + 2)) ]
	hang_up_all
	check "the waiter's phone saw a whole call" ended_well "$waiter"
	check "the newcomer's, too" ended_well "$newcomer"
	check_clean
	for name in "${fault}1" "${fault}2"; do mqsctl agent logout "$name" >/dev/null; done
done

done_testing
