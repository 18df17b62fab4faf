#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Silence is not death: a node that only mqsd can't reach keeps its conversations and its callers' places, and nobody is
# rung for them. One that Kamailio does not hear either is given up; when it comes back nothing of it is left over.
# CUT_S=30 for the long form.
set -u
. tests/func/lib.sh
CUT_S=${CUT_S:-12}

are() { # are STATE NUMBER...
	want=$1
	shift
	for who in "$@"; do is "$who" "$want" || return 1; done
}
node_of() {
	mqsctl --json call list | tr -d ' \n' | tr '{' '\n' | grep "\"number\":\"$1\"" |
		grep -o '"node":"[a-z0-9]*"' | cut -d'"' -f4
}
on() { # on NODE NUMBER...: those of the callers that are there
	there=$1
	shift
	for who in "$@"; do [ "$(node_of "$who")" = "$there" ] && printf '%s ' "$who"; done
}
node_is() { mqsctl --json node list | tr -d ' \n' | tr '{' '\n' | grep "\"name\":\"$1\"" | grep -q "\"state\":\"$2\""; }
agent_is() { mqsctl --json agent show "$1" | tr -d ' \n' | grep -q "\"state\":\"$2\""; }
all_ended() { # all_ended REASON NUMBER...
	why=$1
	shift
	for who in "$@"; do ended "$who" "$why" || return 1; done
}
rings() { grep -c '^INVITE' "$TMP/phone-$1.msg"; }

lab_up --nodes 2 --netns
if grep -q "namespaces can.t be made here" "$TMP/lab.out"; then
	ok "left out: $(grep namespaces "$TMP/lab.out")"
	done_testing
fi
mqsctl queue create q timeout 20 >/dev/null

new_case "a node that only mqsd can't reach"
agent 2001 agent-answers -d 0
call_in 101 caller-stays
talker=$caller_pid
check "one talks" until_true 10 is 101 talking
cut=$(node_of 101)
other=a1
[ "$cut" = a1 ] && other=a2
for n in 102 103 104 105; do
	call_in $n caller-stays
	until_true 10 is $n waiting || not_ok "caller $n waits"
done
# shellcheck disable=SC2046 # words
set -- $(on "$cut" 102 103 104 105)
check "two of four wait on it" [ $# = 2 ]
lab cut mqsd-1 "$cut" >/dev/null
check "it becomes unreachable" until_true 30 node_is "$cut" unreachable
check "its callers are held" until_true 10 are held "$@"
sleep "$CUT_S"
check "it is not called dead" node_is "$cut" unreachable
check "one talks on" is 101 talking
check "with an agent that is taken" agent_is 2001 talking
agent 2002 agent-leaves -d 300
leaver=$phone_pid
# shellcheck disable=SC2046 # words
check "the callers of the other node are answered" until_true 20 all_ended agent_left $(on "$other" 102 103 104 105)
check "their agent was rung for them only" [ "$(rings 2002)" = 2 ]
check "those of the cut one still wait" are held "$@"
lab mend mqsd-1 "$cut" >/dev/null
check "it is up again" until_true 30 node_is "$cut" up
check "its callers are answered, too" until_true 20 all_ended agent_left "$@"
answered=$(events_with call_answered '"agent":"2002"' | tail -n 2 | while read -r line; do
	id=$(printf '%s\n' "$line" | json call)
	grep '"call_entered"' "$EVENTS" | grep -F "$id" | head -n 1 | json number
done | tr '\n' ' ')
check "in the order of their arrival" [ "$answered" = "$1 $2 " ]
check "one talks on" is 101 talking
for id in $(mqsctl --json call list | tr -d ' \n' | grep -o '"id":"[^"]*"' | cut -d'"' -f4); do
	mqsctl call hangup "$id" >/dev/null
done
check "the talker's phone saw a whole call" ended_well "$talker"
check_clean

new_case "an agent hangs up while the node's link to Kamailio is away"
drop_agent 2002 "$leaver"
mqsctl agent pause 2001 reason later >/dev/null
agent 2003 agent-leaves -d 3000
leaver=$phone_pid
call_in 106 caller-stays
caller=$caller_pid
check "one talks" until_true 10 is 106 talking
cut=$(node_of 106)
lab cut "$cut" kamailio >/dev/null
hung_up() { grep -q '^BYE' "$TMP/phone-2003.msg"; }
until_true 10 hung_up
sleep 3.5 # longer than a phone's first reply may take
lab mend "$cut" kamailio >/dev/null
check "the caller is told when it is back" until_true 20 ended 106 agent_left
check "its phone saw a whole call" ended_well "$caller"
check_clean
drop_agent 2003 "$leaver"
mqsctl agent unpause 2001 >/dev/null

new_case "a node that nobody hears"
call_in 111 caller-stays
talker=$caller_pid
check "one talks" until_true 10 is 111 talking
dead=$(node_of 111)
call_in 112 caller-stays
call_in 113 caller-stays
until_true 10 are waiting 112 113
lost=$(on "$dead" 112 113)
other=a1
[ "$dead" = a1 ] && other=a2
stays=$(on "$other" 112 113)
lab stop "$dead" >/dev/null
check "it is given up" until_true 40 node_is "$dead" dead
check_event "its talker is lost" call_ended '"state":"talking"' '"reason":"node_lost"'
# shellcheck disable=SC2086 # words
check "and who waited there" all_ended node_lost $lost
# shellcheck disable=SC2086 # a word
check "the agent is free, for who waits on the other node" until_true 10 are talking $stays
check "the talker's phone was told" ended_well "$talker"
lab cont "$dead" >/dev/null
check "it comes back" until_true 30 node_is "$dead" up
kept() { redis --raw zcard "mqs:{default}:on:$dead"; }
nothing_kept() { [ "$(kept)" = 0 ] && [ "$(ari "$dead" GET channels)" = "[]" ]; }
check "with nothing of the lost calls" until_true 20 nothing_kept
check "which came back to no queue" [ "$(count_events call_entered)" = 3 ]
for id in $(mqsctl --json call list | tr -d ' \n' | grep -o '"id":"[^"]*"' | cut -d'"' -f4); do
	mqsctl call hangup "$id" >/dev/null
done
check_clean

done_testing
