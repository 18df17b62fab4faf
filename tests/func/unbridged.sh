#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# An agent answers and hangs up before caller and agent are joined, because Redis or mqsd stood still or died. Nobody
# has talked: the caller waits on at the old place, with the music it had, and the next agent is connected.
set -u
. tests/func/lib.sh
CRASH=${MQS_CRASH:-$PWD/build/crash/bin/mqsd}
export MQS_ARROWS="$TMP/orders"

mkdir -p "$MQS_ARROWS"
order() { echo "$*" >"$MQS_ARROWS/mqsd-1"; }
is_stopped() { grep -q '^State:.*T (stopped)' "/proc/$(lab_value mqsd pid)/status"; }
is_dead() { ! kill -0 "$mqsd_pid" 2>/dev/null; }
answers() { # numbers of the callers answered since new_case, in order
	tail -n "+$mark" "$EVENTS" | grep '"call_bridged"' | while read -r line; do
		grep '"call_entered"' "$EVENTS" | grep -F "$(printf '%s\n' "$line" | json call)" | json number
	done | tr '\n' ' '
}
both_wait() { is $((number - 1)) waiting && is "$number" waiting; }
start_again() {
	lab start mqsd-1 >/dev/null
	kill "$events_pid" 2>/dev/null
	until_true 20 sh -c "'$BIN/mqsctl' --json status 2>/dev/null | tr -d ' ' | grep -q '\"status\":\"ok\"'"
	follow_events
}

# begin TITLE: two callers wait, the phone of 1001 rings with the first, will answer, and hang up soon after.
number=10
begin() {
	new_case "$1"
	mqsctl agent pause 1001 >/dev/null
	phone 1001 agent-hangs-up -d 1500 -m 1
	quick=$phone_pid
	register 1001 "$port" 300
	for _ in 1 2; do
		number=$((number + 1))
		call_in $number caller-stays
		check "caller $number waits" until_true 10 is $number waiting
	done
	first=$((number - 1))
	check "with music" until_true 5 hears_music $first
}
ring_first() {
	mqsctl agent unpause 1001 >/dev/null
	check "the first one's phone rings" until_true 10 is $first ringing
}
# finish: both wait again with music, and are connected with the next agent in order.
finish() {
	mqsctl agent pause 1001 >/dev/null 2>&1
	check "both callers wait" until_true 15 both_wait
	check_event "the offer has failed" offer_failed '"agent":"1001"' "\"reason\":\"$1\""
	check "no call has ended" sh -c "! tail -n +$mark '$EVENTS' | grep -q call_ended"
	check "the first hears music again" until_true 5 hears_music $first
	check "no bridge is left" until_true 5 no_bridges
	check "no miss is counted" sh -c "'$BIN/mqsctl' --json agent show 1001 | tr -d ' ' | grep -q '\"misses\":0'"
	agent 1002 agent-leaves -d 300 -m 2
	check "the next agent talks to both" ended_well "$phone_pid"
	until_true 10 ended $number agent_left
	check "in their order" [ "$(answers)" = "$first $number " ]
	check_clean
	drop_agent 1002 "$phone_pid"
}
no_bridges() { [ "$(ari a1 GET bridges)" = "[]" ] && [ "$(ari a2 GET bridges)" = "[]" ]; }

lab_up --mqsd-bin "$CRASH" --music default
mqsctl queue create q timeout 20 rejectdelay 1 >/dev/null
mqsctl agent add 1001 login register >/dev/null
mqsctl queue member add q 1001 >/dev/null

begin "Redis stands still while the phone answers and hangs up"
ring_first
lab stop redis >/dev/null
check "the agent has hung up" ended_well "$quick"
lab cont redis >/dev/null
finish agent_left

begin "mqsd stands still while the phone answers and hangs up"
ring_first
lab stop mqsd-1 >/dev/null
check "the agent has hung up" ended_well "$quick"
lab cont mqsd-1 >/dev/null
finish agent_left

begin "mqsd stands still before it joins the two"
order stop join.before
ring_first
check "mqsd stands still" until_true 10 is_stopped
check "the agent has hung up" ended_well "$quick"
lab cont mqsd-1 >/dev/null
finish agent_left

begin "mqsd dies before it joins the two"
order kill join.before
mqsd_pid=$(lab_value mqsd pid)
ring_first
check "mqsd dies" until_true 10 is_dead
check "the agent has hung up" ended_well "$quick"
start_again
finish agent_left

# The arrows of putting back; from any the next mqsd goes on.
for point in channel_gone.sent music_ask.sent music_start.before; do
	begin "mqsd dies at $point"
	order stop join.before
	mqsd_pid=$(lab_value mqsd pid)
	ring_first
	check "mqsd stands still" until_true 10 is_stopped
	check "the agent has hung up" ended_well "$quick"
	order kill $point
	lab cont mqsd-1 >/dev/null
	check "mqsd dies" until_true 10 is_dead
	start_again
	finish agent_left
done

done_testing
