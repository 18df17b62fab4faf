#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# While mqsd is dead one talker hangs up, one agent hangs up, one waiting caller gives up, one phone answers and two
# callers arrive. Once it is back all six are right, and looking again, even five times a second, changes nothing.
set -u
. tests/func/lib.sh

agent_is() { mqsctl --json agent show "$1" | tr -d ' \n' | grep -q "\"state\":\"$2\""; }
in_queue() { # in_queue QUEUE NAME SCENARIO [SIPP OPTION...]: an agent of a queue of its own
	member=$2
	mqsctl queue create "$1" timeout 30 >/dev/null
	mqsctl agent add "$member" login register >/dev/null
	mqsctl queue member add "$1" "$member" >/dev/null
	shift
	phone "$@"
	register "$member" "$port" 300
}
to() { # to QUEUE NUMBER SCENARIO [SIPP OPTION...]
	queue=$1
	shift
	call_in "$@"
}
bye_sent() { grep -q '^BYE' "$TMP/phone-$1.msg"; }
answered() { grep -q 'SIP/2.0 200 OK' "$TMP/phone-$1.msg"; }
all_right() {
	ended 101 caller_left && ended 102 agent_left && ended 103 abandoned && is 104 talking &&
		has_event call_bridged '"agent":"2004"' && is 105 waiting && is 106 waiting &&
		agent_is 2001 idle && agent_is 2002 idle && agent_is 2004 talking
}
now_ms() { date +%s%3N; }

lab_up --nodes 2
new_case "six things happen while mqsd is dead"
in_queue talk 2001 agent-answers -d 0
in_queue leave 2002 agent-leaves -d 7000
in_queue ring 2004 agent-answers -d 6000
mqsctl queue create wait >/dev/null
to talk 101 caller-leaves -d 8000
talker=$caller_pid
to leave 102 caller-stays
left=$caller_pid
to wait 103 caller-leaves -d 8000
giving_up=$caller_pid
check "one talks, and will hang up" until_true 10 is 101 talking
check "one talks, whose agent will hang up" until_true 10 is 102 talking
check "one waits, and will give up" until_true 10 is 103 waiting
to ring 104 caller-stays
ringing=$caller_pid
check "one phone rings, and will answer" until_true 10 is 104 ringing
"$BIN/loadtest" lab kill --lab "$LAB" mqsd-1 >/dev/null
check "nothing of it has happened yet" no_event call_ended
for n in 105 106; do
	to wait $n caller-stays
	sleep 0.3 # two arrivals one after the other, so that there is an order to keep
done
late=$caller_pid
check "the talker's phone saw a whole call" ended_well "$talker"
check "the one who gave up, too" ended_well "$giving_up"
check "the agent hung up" until_true 20 bye_sent 2002
check "the phone was answered" until_true 20 answered 2004
start=$(now_ms)
"$BIN/loadtest" lab start --lab "$LAB" mqsd-1 >/dev/null
kill "$events_pid" 2>/dev/null
follow_events
if until_true 20 all_right; then
	ok "all six are right ($(($(now_ms) - start)) ms after the start)"
else
	not_ok "all six are right"
	mqsctl call list
	mqsctl agent list
	tail -n 40 "$LAB/log/mqsd.log"
fi
check "the phone that answered rang once" [ "$(grep -c '^INVITE' "$TMP/phone-2004.msg")" = 1 ]
check "the caller whose agent left was told" ended_well "$left"

new_case "another look changes nothing"
sed -i 's/^\[ari\]/[ari]\nreconcile_ms = 200/' "$LAB/mqsd.conf"
before=$(redis --raw xlen 'mqs:{default}:events')
looks=$(redis info commandstats | sed -n 's/^cmdstat_fcall:calls=\([0-9]*\).*/\1/p')
kill -HUP "$(lab_value mqsd pid)"
looked() {
	now=$(redis info commandstats | sed -n 's/^cmdstat_fcall:calls=\([0-9]*\).*/\1/p')
	[ $((now - looks)) -ge 40 ]
}
check "it was looked at often" until_true 20 looked
check "no event came of it" [ "$(redis --raw xlen 'mqs:{default}:events')" = "$before" ]
agent 2005 agent-leaves -d 100
mqsctl queue member add wait 2005 >/dev/null
check "the first of the late two saw a whole call" until_true 20 ended 105 agent_left
check "then the second" until_true 20 ended 106 agent_left
check "and its phone" ended_well "$late"

new_case "a bridge that somebody has taken away is made again"
node=$(mqsctl --json call list | tr -d ' \n' | tr '{' '\n' | grep '"number":"104"' | grep -o '"node":"[a-z0-9]*"' | cut -d'"' -f4)
bridge=$(ari "$node" GET bridges | tr -d ' \n' | grep -o '"id":"[0-9]*-[0-9]*\.[0-9]*"' | cut -d'"' -f4)
both_in() { ari "$node" GET "bridges/$bridge" | tr -d ' \n' | grep -q '"channels":\["[^"]*","[^"]*"\]'; }
check "caller and agent are in it" until_true 10 both_in
ari "$node" DELETE "bridges/$bridge" >/dev/null
check "they are again" until_true 20 both_in
check "they talk on" is 104 talking
old=$(lab_value mqsd pid)
kill -TERM "$old"
# An offer that is none would hold it up for a minute.
check "mqsd ends at once, no offer is under way" until_true 10 sh -c "! kill -0 $old 2>/dev/null"
until_true 20 sh -c "'$BIN/mqsctl' --json status 2>/dev/null | tr -d ' ' | grep -q '\"status\":\"ok\"'"
hang_up_all
check "the phone rang, answered, and talked until the end" ended_well "$ringing"
check_clean

done_testing
