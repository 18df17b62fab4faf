#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# One call at a time against real servers: every way in which an offer and a conversation can go. Each case
# looks at both phones, the events, and what is left in Redis and on the nodes.
set -u
. tests/func/lib.sh

lab_up
mqsctl queue create q timeout 2 busydelay 1 rejectdelay 1 noanswerdelay 1 >/dev/null

new_case "answered; the agent hangs up first"
agent 1001 agent-leaves -d 700 -m 1
a=$phone_pid
call_in 1 caller-stays
c=$caller_pid
check "the caller's phone saw a whole call" ended_well "$c"
check "the agent's phone saw a whole call" ended_well "$a"
check_event "entered" call_entered '"number":"1"'
check_event "bridged" call_bridged '"agent":"1001"'
check_event "ended by the agent" call_ended '"reason":"agent_left"' '"state":"talking"'
check_event "the agent is idle again" agent_state '"new":"idle"' '"old":"talking"'
check "the agent's INVITE carried X-MQS-Call" grep -q '^X-MQS-Call: [0-9]*-[0-9]*\.[0-9]' "$TMP/phone-1001.msg"
check_clean
drop_agent 1001 "$a"

new_case "answered; the caller hangs up first"
agent 1002 agent-answers -d 100 -m 1
a=$phone_pid
call_in 2 caller-leaves -d 1500
c=$caller_pid
check "the caller's phone saw a whole call" ended_well "$c"
check "the agent's phone saw a whole call" ended_well "$a"
check_event "ended by the caller" call_ended '"reason":"caller_left"' '"state":"talking"'
check_clean
drop_agent 1002 "$a"

new_case "the caller abandons while waiting"
call_in 3 caller-leaves -d 600
c=$caller_pid
check "the caller's phone saw a whole call" ended_well "$c"
check_event "abandoned" call_ended '"reason":"abandoned"' '"state":"waiting"'
check "no offer was made" no_event offer_made
check_clean

new_case "the caller abandons while the phone rings"
agent 1004 agent-silent -m 1
a=$phone_pid
call_in 4 caller-leaves -d 800
c=$caller_pid
check "the caller's phone saw a whole call" ended_well "$c"
check "the agent's phone was cancelled" ended_well "$a"
check_event "abandoned" call_ended '"reason":"abandoned"' '"state":"ringing"'
check_event "the agent is idle, with no miss" agent_state '"old":"ringing"' '"new":"idle"'
check "no miss is counted" sh -c "'$BIN/mqsctl' --json agent show 1004 | tr -d ' ' | grep -q '\"misses\":0'"
check_clean
drop_agent 1004 "$a"

new_case "busy, rejected: back-off, and the caller keeps its place"
for what in 1005.agent-busy=busy 1015.agent-rejects=reject; do
	who=${what%%.*}
	what=${what#*.}
	agent "$who" "${what%=*}" -m 1
	a=$phone_pid
	call_in 5 caller-leaves -d 900
	c=$caller_pid
	check_event "refused: ${what#*=}" offer_failed "\"reason\":\"${what#*=}\"" "\"agent\":\"$who\""
	check "the agent's phone refused once" ended_well "$a"
	check "the caller's phone saw a whole call" ended_well "$c"
	check_event "the call was put back and abandoned later" call_ended '"reason":"abandoned"' '"state":"waiting"'
	check "the offer counts as a miss" sh -c "'$BIN/mqsctl' --json agent show $who | tr -d ' ' | grep -q '\"misses\":1'"
	check_clean
	drop_agent "$who" "$a"
	new_case "next"
done

new_case "no answer: Asterisk ends the ringing, the next agent is offered the call"
agent 1006 agent-silent -m 1
a=$phone_pid
call_in 6 caller-stays
c=$caller_pid
check_event "not answered in time" offer_failed '"reason":"no_answer"' '"agent":"1006"'
agent 1007 agent-leaves -d 300 -m 1
b=$phone_pid
check "the silent phone was cancelled" ended_well "$a"
check_event "another agent answered" call_answered '"agent":"1007"'
check "the caller's phone saw a whole call" ended_well "$c"
check "the second phone saw a whole call" ended_well "$b"
check_clean
drop_agent 1006 "$a"
drop_agent 1007 "$b"

new_case "not registered: unreachable until a registration says otherwise, no miss"
mqsctl agent add 1008 >/dev/null
mqsctl queue member add q 1008 >/dev/null
mqsctl agent login 1008 >/dev/null
call_in 8 caller-stays
c=$caller_pid
check_event "unreachable" agent_unreachable '"agent":"1008"'
check "no miss is counted" sh -c "'$BIN/mqsctl' --json agent show 1008 | tr -d ' ' | grep -q '\"misses\":0'"
phone 1008 agent-leaves -d 300 -m 1
a=$phone_pid
register 1008 "$port" 300
check_event "reachable again by its REGISTER" agent_reachable '"agent":"1008"'
check "the caller was answered by it" ended_well "$c"
check "its phone saw a whole call" ended_well "$a"
check_clean
drop_agent 1008 "$a"

new_case "the agent answers and hangs up before the bridge"
# Before they meet the call goes back to its place and is offered again, so the phone takes more than one.
agent 1009 agent-leaves -d 0
a=$phone_pid
call_in 9 caller-stays
c=$caller_pid
check "the caller's phone saw a whole call" ends_well_within 30 "$c"
check_event "ended by the agent" call_ended '"reason":"agent_left"'
check_clean
drop_agent 1009 "$a"

new_case "the caller leaves within milliseconds of the answer"
agent 1010 agent-answers -d 250 -m 4
a=$phone_pid
for ms in 240 250 255 262; do
	call_in 10 caller-leaves -d "$ms"
	check "the caller's phone saw a whole call ($ms ms)" ended_well "$caller_pid"
	check "idle again" until_true 10 sh -c "'$BIN/mqsctl' --json agent show 1010 | tr -d ' ' | grep -q '\"state\":\"idle\"'"
	check_clean
	new_case "again"
done
drop_agent 1010 "$a"

new_case "an operator hangs up, waiting and talking"
call_in 11 caller-stays
c=$caller_pid
check_event "entered" call_entered '"number":"11"'
id=$(events_with call_entered '"number":"11"' | json call)
check "hung up" mqsctl call hangup "$id"
check "the caller's phone saw a whole call" ended_well "$c"
check_event "ended by the operator" call_ended '"reason":"operator"'
check_clean

new_case "a queue that does not exist"
queue=nowhere
call_in 12 caller-stays
c=$caller_pid
check_event "refused with its reason" call_refused '"reason":"no_such_queue"' '"queue":"nowhere"'
check "the caller got the fallback's end" ended_well "$c"
check_clean

new_case "a queue that is closed while somebody waits"
queue=q
call_in 13 caller-stays
c=$caller_pid
check_event "entered" call_entered '"number":"13"'
check "closed" mqsctl queue close q
call_in 14 caller-stays
check_event "a newcomer is refused, with the reason" call_refused '"reason":"closed"' '"number":"14"'
check "and got the fallback's end" ended_well "$caller_pid"
agent 1013 agent-leaves -d 300 -m 1
check_event "who waited is served" call_answered '"agent":"1013"'
check "the caller's phone saw a whole call" ended_well "$c"
check "opened again" mqsctl queue open q
check_clean
drop_agent 1013 "$phone_pid"

done_testing
