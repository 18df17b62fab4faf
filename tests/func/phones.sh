#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Feature codes: a phone logs its agent in and out, pauses it with a reason, ends its wrap-up; the phone hears what came
# of it. They act for the user whose password it is, whatever From says, and for nobody else.
set -u
. tests/func/lib.sh

# Not the address of the lab's trunk.
PHONE=127.0.0.2
dial() { # dial USER CODE [FROM]: a phone calls the code; what it heard is in $TMP/heard, its messages in $TMP/dial.msg
	user=$1
	code=$2
	from=${3:-$1}
	echo "$user" | phones_csv "$TMP/dial.csv"
	free_port
	media=$port
	free_port
	rm -f "$TMP/heard" "$TMP/dial.msg"
	socat -u "UDP4-RECV:$media,bind=$PHONE" "OPEN:$TMP/heard,creat" &
	ear=$!
	pids="$pids $ear"
	sipp "$KAMAILIO" -i "$PHONE" -p "$port" -sf "$SIP/phone-calls.xml" -inf "$TMP/dial.csv" -m 1 -nostdin -aa \
		-key dialled "$code" -key from "$from" -key media "$media" -timeout 30 -timeout_error \
		-trace_msg -message_file "$TMP/dial.msg" >"$TMP/dial.out" 2>&1
	status=$?
	end_ours "$ear"
	wait "$ear" 2>/dev/null
	return $status
}
hang_up_1001() { # once it waits in a queue
	until_true 15 has_event call_entered '"number":"1001"'
	hang_up_all
}
# A prompt of half a second is 4,000 bytes and more.
heard() { [ "$(wc -c <"$TMP/heard")" -gt 3000 ]; }
confirmed() { heard && grep -q '^Reason: Q.850;cause=16' "$TMP/dial.msg"; }
refused() { heard && grep -q '^Reason: Q.850;cause=21' "$TMP/dial.msg"; }
is_agent() { # is_agent NAME STATE
	mqsctl --json agent show "$1" | tr -d ' \n' | grep -q "\"state\":\"$2\""
}

lab_up --nodes 1
mqsctl queue create q wrapuptime 60 >/dev/null
agent 1001 agent-leaves -d 300
agent 1002 agent-silent
until_true 10 is_agent 1002 idle

new_case "*45 turns the login round"
check "the phone's call goes through" dial 1001 '*45'
check_event "the agent is logged out, by its phone" agent_state '"agent":"1001"' '"new":"logged_out"' '"reason":"phone"'
check "that was all" [ "$(count_events '"agent":"1001"')" = 1 ]
check "the phone hears it" confirmed
register 1001 9 300
check "the next registration does not log it in" is_agent 1001 logged_out
dial 1001 '*45'
check_event "the code does" agent_state '"agent":"1001"' '"new":"idle"' '"reason":"phone"'
check "the phone hears it" confirmed

new_case "*46 turns the pause round, a digit gives the reason"
dial 1001 '*46'
check_event "paused" agent_paused '"agent":"1001"' '"reason":"phone"' '"by":"phone"'
check "the phone hears it" confirmed
dial 1001 '*46'
check_event "not any more" agent_unpaused '"agent":"1001"' '"by":"phone"'
dial 1001 '*462'
check_event "paused for lunch" agent_paused '"reason":"lunch"' '"by":"phone"'
dial 1001 '*469'
check "no such reason: the phone hears it" refused
dial 1001 '*462'
check "that was all" [ "$(count_events '"by":"phone"')" = 4 ]

new_case "*47 ends the wrap-up"
dial 1001 '*47'
check "there is none: the phone hears it" refused
phone 1001 agent-leaves -d 300 -m 1
register 1001 "$port" 300
call_in 7 caller-stays
check "a caller talked to the agent" ended_well "$caller_pid"
check "the agent wraps up" until_true 10 is_agent 1001 wrapup
dial 1001 '*47'
check_event "it is ready, by its phone" agent_state '"agent":"1001"' '"old":"wrapup"' '"new":"idle"' '"reason":"phone"'
check "the phone hears it" confirmed

new_case "From is only a name"
dial 1001 '*45' 1002
check_event "the agent whose password it was is logged out" agent_state '"agent":"1001"' '"new":"logged_out"'
check "the one that From names is not" is_agent 1002 idle
check "nor was anything done for it" no_event '"agent":"1002"'

new_case "refused"
dial 1003 '*45'
check "a phone that is no agent's hears it" refused
dial 1002 '*99'
check "no such code: the phone hears it" refused
queue='*45'
call_in 8 caller-stays -timeout 10 -timeout_error
wait "$caller_pid"
check "a trunk's caller has no codes" [ $? != 0 ]
check "he was asked for a password" grep -q '^SIP/2.0 407' "$TMP/caller-8.msg"
check "nothing was done" no_event '"reason":"phone"'

new_case "a call of a phone shows whose it is"
queue=q
hang_up_1001 &
hang_up_pid=$!
dial 1001 q forged
check_event "its number is its user's" call_entered '"number":"1001"'
wait "$hang_up_pid"

new_case "nobody there to do it"
lab kill mqsd-1
dial 1002 '*45'
check "without mqsd the phone hears that nothing was done" refused
lab start mqsd-1
until_true 20 is_there
check "nothing was" is_agent 1002 idle
check_clean
done_testing
