#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What an operator does with calls by hand, against real servers: a waiting call gets another place, another queue, an
# agent of no queue; a conversation goes back to waiting. All is asked of the mqsd that does not own the call's node.
# Phones, channel variables and the story of the call are looked at.
set -u
. tests/func/lib.sh

lab_up --music default --mqsd 2
mqsctl queue create q timeout 5 >/dev/null
mqsctl queue create p timeout 5 >/dev/null

id_of() { events_with call_entered "\"number\":\"$1\"" | json call; }
# What the caller's channel says of its call, should Redis forget it: "1:CALL:PRIORITY:ENTERED:QUEUE".
note_is() { # note_is CALL PATTERN
	at=$(mqsctl --json call show "$1")
	ari "$(printf '%s\n' "$at" | json node)" GET "channels/$(printf '%s\n' "$at" | json channel)/variable?variable=MQS_CALL" |
		tr -d ' ' | grep -q "\"value\":\"1:$1:$2\""
}

# elsewhere CALL COMMAND...: asked of the mqsd that does not own the call's node
elsewhere() {
	owner=$(redis hget "mqs:{default}:node:$(mqsctl --json call show "$1" | json node)" owner)
	case $owner in mqsd-1) socket=$LAB/mqsd-2.sock ;; *) socket=$LAB/mqsd.sock ;; esac
	shift
	MQS_SOCKET=$socket "$BIN/mqsctl" --yes "$@" >/dev/null
}

new_case "another place, another queue"
call_in 1 caller-stays
first=$caller_pid
check_event "one waits" call_entered '"number":"1"'
call_in 2 caller-stays
second=$caller_pid
check_event "another, too" call_entered '"number":"2"'
one=$(id_of 1)
two=$(id_of 2)
check "the second is put first" elsewhere "$two" call priority "$two" 5
is_first() { mqsctl --json call show "$1" | tr -d ' ' | grep -q '"position":1,'; }
check "it is" is_first "$two"
check "its channel says so" until_true 10 note_is "$two" '5:[0-9]*:q'
check "the first goes to another queue" elsewhere "$one" call move "$one" p
check "its channel says so" until_true 10 note_is "$one" '0:[0-9]*:p'
check_event "it is an event" call_moved '"queue_was":"q"' '"queue":"p"'

new_case "an offer by hand"
mqsctl agent add 1001 login register >/dev/null
phone 1001 agent-leaves -d 400 -m 1
a=$phone_pid
register 1001 "$port" 300
check "to an agent who is in no queue" until_true 10 elsewhere "$one" call offer "$one" 1001
check_event "it is made" offer_made '"reason":"operator"' '"agent":"1001"'
check_event "and answered" call_answered '"agent":"1001"'
check "the first caller's phone saw a whole call" ended_well "$first"
check "the agent's phone too" ended_well "$a"
drop_agent 1001 "$a"
agent 1002 agent-leaves -d 400 -m 1
b=$phone_pid
check "the second is served" ended_well "$second"
check "the agent's phone saw a whole call" ended_well "$b"
drop_agent 1002 "$b"
check_clean

new_case "a conversation goes back to waiting"
agent 1003 agent-answers -m 1
a=$phone_pid
call_in 3 caller-stays
c=$caller_pid
check_event "they talk" call_bridged '"agent":"1003"'
three=$(id_of 3)
check "let go" elsewhere "$three" call transfer "$three" p
check_event "the caller waits in the other queue" call_transferred '"queue":"p"' '"queue_was":"q"'
check "the agent's phone saw a whole call" ended_well "$a"
check_event "the agent is free" agent_state '"agent":"1003"' '"old":"talking"' '"new":"idle"' '"reason":"transferred"'
check "the call was not ended" no_event call_ended
check "the channel names the new queue" until_true 10 note_is "$three" '0:[0-9]*:p'
no_bridge() { [ "$(ari "$(mqsctl --json call show "$three" | json node)" GET bridges)" = '[]' ]; }
check "its bridge is gone" until_true 10 no_bridge
check "and there is music" until_true 5 hears_music 3
drop_agent 1003 "$a"
mqsctl agent add 1004 login register >/dev/null
mqsctl queue member add p 1004 >/dev/null
phone 1004 agent-leaves -d 400 -m 1
b=$phone_pid
register 1004 "$port" 300
check_event "the next agent gets the caller" call_bridged '"agent":"1004"' '"queue":"p"'
check "the caller's phone saw one whole call" ended_well "$c"
check "the second agent's phone too" ended_well "$b"
check_clean
drop_agent 1004 "$b"
mqsctl call trace "$three" >"$TMP/story"
tells() { grep -q " $1 " "$TMP/story"; }
check "its story has both conversations" [ "$(grep -c ' call_bridged ' "$TMP/story")" = 2 ]
check "and begins and ends" sh -c "sed -n 2p '$TMP/story' | grep -q call_entered && grep -q ' call_ended ' '$TMP/story'"

new_case "records and nodes are compared when it is asked for"
node=$(nodes | awk '{ print $1; exit }')
check "nothing is wrong" sh -c "'$BIN/mqsctl' reconcile | grep -q 'all is as it should be'"
ari "$node" POST 'bridges?type=mixing&bridgeId=1700000000000000-0000001.3' >/dev/null
mqsctl reconcile "$node" >"$TMP/found"
check "a bridge of ours that no call has is found" grep -q '  1 bridges of no conversation deleted' "$TMP/found"
check "and gone" nodes_are_clean
done_testing
