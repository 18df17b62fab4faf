#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mqsd is told to stop, and killed, with callers waiting, talking and arriving: nobody is dropped, order is kept.
set -u
. tests/func/lib.sh

mqsd_pid() { lab_value mqsd pid; }
mqsd_is_back() { # a new pid, and it answers
	[ -n "$(mqsd_pid)" ] && [ "$(mqsd_pid)" != "$1" ] &&
		mqsctl --json status 2>/dev/null | tr -d ' ' | grep -q '"status":"ok"'
}
waiting_is() { [ "$(mqsctl --json call list | tr -d ' \n' | grep -o '"state":"waiting"' | grep -c .)" = "$1" ]; }
talking_is() { [ "$(mqsctl --json call list | tr -d ' \n' | grep -o '"state":"talking"' | grep -c .)" = "$1" ]; }
callers_in_order() { # numbers of answered calls, in order
	events_with call_answered | while read -r line; do
		id=$(printf '%s\n' "$line" | json call)
		grep call_entered "$EVENTS" | grep -F "$id" | head -n 1 | json number
	done | tr '\n' ' '
}

lab_up --nodes 2
mqsctl queue create q timeout 5 >/dev/null

for signal in KILL TERM; do
	new_case "SIG$signal with callers waiting, talking and arriving"
	agent 2001 agent-answers -d 0
	talker=$phone_pid
	call_in 100 caller-leaves -d 14000
	talk_pid=$caller_pid
	check "one talks" until_true 10 talking_is 1
	waiters=
	for n in 101 102 103 104; do
		call_in $n caller-stays
		waiters="$waiters $caller_pid"
		until_true 5 has_event call_entered "\"number\":\"$n\"" || not_ok "caller $n entered"
	done
	check "four wait" until_true 10 waiting_is 4
	old=$(mqsd_pid)
	kill -"$signal" "$old"
	for n in 105 106; do # these find no mqsd and wait in the dialplan
		call_in $n caller-stays
		waiters="$waiters $caller_pid"
		sleep 0.3 # two arrivals one after the other, so that there is an order to keep
	done
	check "mqsd is back" until_true 30 mqsd_is_back "$old"
	kill "$events_pid" 2>/dev/null
	follow_events
	check "six wait" until_true 20 waiting_is 6
	check "the talker still talks" talking_is 1
	agent 2002 agent-leaves -d 100
	leaver=$phone_pid
	for p in $waiters; do check "a waiting caller's phone saw a whole call" ended_well "$p"; done
	check "the talker's phone saw a whole call" ended_well "$talk_pid"
	order=$(callers_in_order)
	case $order in
	*"101 102 103 104 105 106 "*) ok "answered in the order of arrival" ;;
	*) not_ok "answered in the order of arrival: $order" ;;
	esac
	check_clean
	drop_agent 2001 "$talker"
	drop_agent 2002 "$leaver"
done

done_testing
