#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Silence is not death: a node that only mqsd can't reach keeps its conversations and its callers' places, and nobody is
# rung for them. One that Kamailio does not hear either is given up; when it comes back nothing of it is left over.
# CUT_S=30 NODE_CALLS=100 for the long form (make long).
set -u
. tests/func/lib.sh
CUT_S=${CUT_S:-12}
NODE_CALLS=${NODE_CALLS:-6}

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
id_of() { grep call_entered "$EVENTS" | grep -F "\"number\":\"$1\"" | tail -n 1 | json call; }

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
cut_at=$(date +%s)
# Meanwhile, and in a queue of its own, on the node that mqsd hears.
new_case "an agent hangs up while the other node's link to Kamailio is away"
mqsctl queue create link >/dev/null
mqsctl agent add 2003 login register >/dev/null
mqsctl queue member add link 2003 >/dev/null
phone 2003 agent-leaves -d 3000
register 2003 "$port" 300
new_calls_to "$other"
queue="link"
call_in 106 caller-stays
caller=$caller_pid
queue=q
check "one talks" until_true 10 is 106 talking
check "there" [ "$(node_of 106)" = "$other" ]
lab cut "$other" kamailio >/dev/null
hung_up() { grep -q '^BYE' "$TMP/phone-2003.msg"; }
until_true 10 hung_up
sleep 3.5 # longer than a phone's first reply may take
lab mend "$other" kamailio >/dev/null
check "the caller is told when it is back" until_true 20 ended 106 agent_left
check "its phone saw a whole call" ended_well "$caller"
new_calls_to all
new_case "still cut off"
left=$((cut_at + CUT_S - $(date +%s)))
[ $left -le 0 ] || sleep $left
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
hang_up_all
check "the talker's phone saw a whole call" ended_well "$talker"
check_clean

drop_agent 2002 "$leaver"

new_case "a node that stands still wakes when its callers are on another"
table() { rpc htable.dump "\"$1\"" | tr -d ' \t\n'; }
tried_again() { [ "$(table late | grep -o '"value":[0-9]' | grep -c .)" = "$1" ]; }
answers() { grep -o '^To: <sip:q@[^>]*>;tag=.*' "$TMP/caller-$1.msg" | sort -u | grep -c .; } # of nodes
all_rings() { echo $(($(rings 2001) + $(rings 2004) + $(rings 2005))); }
channels_are() { [ "$(ari "$1" GET channels | grep -o '"name":"PJSIP' | grep -c .)" = "$2" ]; }
for who in 2004 2005; do
	agent $who agent-answers -d 0
	eval "phone_$who=$phone_pid"
done
before=$(all_rings)
lab stop a1 >/dev/null
for n in 107 108; do
	call_in $n caller-stays
	eval "caller_$n=$caller_pid"
done
check "both callers talk" until_true 15 are talking 107 108
check "on the other node" [ "$(on a2 107 108)" = "107 108 " ]
check "one of them after a try at the first" tried_again 1
lab cont a1 >/dev/null
check "it is up again" until_true 30 node_is a1 up
sleep 1 # a call of nobody's would have rung an agent
check "nobody is on it" channels_are a1 0
check "each caller has a channel and an agent" channels_are a2 4
check "who heard one answer" [ "$(answers 107) $(answers 108)" = "1 1" ]
check "no agent was rung for nobody" [ $(($(all_rings) - before)) = 2 ]
mqsctl call hangup "$(id_of 107)" >/dev/null
mqsctl call hangup "$(id_of 108)" >/dev/null
# shellcheck disable=SC2154 # set by eval
check "their phones saw whole calls" eval "ended_well $caller_107 && ended_well $caller_108"
check_clean

new_case "both stand still, and the one that was asked first wakes first"
before=$(all_rings)
lab stop a1 >/dev/null
lab stop a2 >/dev/null
call_in 109 caller-stays
check "the second is asked" until_true 10 tried_again 2
second=$(table calls | grep -o '"a[12]|[0-9|]*|call|' | cut -c2-3)
first=a1
[ "$second" = a1 ] && first=a2
lab cont "$first" >/dev/null
check "what the first has is over at once" until_true 10 channels_are "$first" 0
lab cont "$second" >/dev/null
check "the caller talks" until_true 20 is 109 talking
check "on the second" [ "$(node_of 109)" = "$second" ]
sleep 1
on_second_only() { channels_are "$second" 2 && channels_are "$first" 0; }
check "with one channel and one agent" on_second_only
check "having heard one answer" [ "$(answers 109)" = 1 ]
check "no agent was rung for nobody" [ $(($(all_rings) - before)) = 1 ]
mqsctl call hangup "$(id_of 109)" >/dev/null
check_clean
# shellcheck disable=SC2154 # set by eval
drop_agent 2004 "$phone_2004"
# shellcheck disable=SC2154
drop_agent 2005 "$phone_2005"

new_case "an INVITE that was refused comes again, under its Call-ID and CSeq"
call_in 114 caller-again
again=$caller_pid
check "its caller talks" until_true 10 is 114 talking
first_try() { redis hget "mqs:{default}:call:$(id_of 114)" try | grep -q "0$"; }
check "on the first node that was asked" first_try
mqsctl call hangup "$(id_of 114)" >/dev/null
check "and its phone saw a whole call" ended_well "$again"
check_clean

new_case "two Call-IDs that are alike for as long as mqsd keeps them"
long=$(printf '%0130d' 0)
for n in 115 116; do
	call_in $n caller-stays -cid_str "$long%u-%p@%s"
	eval "caller_$n=$caller_pid"
	check_event "caller $n has entered" call_entered "\"number\":\"$n\""
done
check "one talks" until_true 10 is 115 talking
check "the other waits" is 116 waiting
mqsctl call hangup "$(id_of 116)" >/dev/null
mqsctl call hangup "$(id_of 115)" >/dev/null
# shellcheck disable=SC2154 # set by eval
check "their phones saw whole calls" eval "ended_well $caller_115 && ended_well $caller_116"
check_clean

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
hang_up_all
check_clean

half=$((NODE_CALLS / 2))
calls_of() { mqsctl --json call list | tr -d ' \n' | sed 's/},{/}\n{/g' | grep "\"node\":\"$1\""; }
ids_of() { calls_of "$1" | grep -o '"id":"[^"]*"' | cut -d'"' -f4; }
agents_of() { mqsctl --json agent list | tr -d ' \n' | sed 's/},{/}\n{/g' | grep "\"name\":\"$1-"; }
talk_and_wait() { # talk_and_wait NODE: half of its calls each
	[ "$(calls_of "$1" | grep -c '"state":"talking"')" = "$half" ] && [ "$(calls_of "$1" | grep -c '"state":"waiting"')" = "$half" ]
}
agents_are_free() { [ "$(agents_of "$1" | grep -c '"state":"idle"')" = "$half" ]; }
all_named() { # all_named FILE: each of those calls was lost with its node
	while read -r id; do has_event call_ended '"reason":"node_lost"' "\"call\":\"$id\"" || return 1; done <"$1"
}
requests_of() { # requests_of NODE: that its phones have had since they talk or wait
	cat "$TMP/callers-$1"-?-.msg "$TMP/phone-agents-$1.msg" | grep -c '^\(INVITE\|BYE\|CANCEL\)'
}
fill() { # fill NODE: half of $NODE_CALLS talk there, with as many agents of their own, and half wait
	new_calls_to "$1"
	{
		echo "queue create talk$1"
		echo "queue create wait$1"
		for i in $(seq "$half"); do printf 'agent add %s login register\nqueue member add %s %s\n' "$1-$i" "talk$1" "$1-$i"; done
	} | mqsctl >/dev/null
	phone "agents-$1" agent-answers -d 0 -m "$half"
	seq -f "$1-%g" "$half" >"$TMP/agents-$1"
	register_many "$TMP/agents-$1" "$port" 300 || not_ok "the agents of $1 register"
	queue=talk$1
	callers_in "$1-t-" "$half"
	callers=$caller_pid
	queue=wait$1
	callers_in "$1-w-" "$half"
	callers="$callers $caller_pid"
	check "half the calls of $1 talk, half wait" until_true $((20 + NODE_CALLS / 5)) talk_and_wait "$1"
}

new_case "a node killed with $NODE_CALLS calls on it"
fill a1
stay="$callers $phone_pid"
fill a2
told="$callers $phone_pid"
ids_of a1 >"$TMP/calls-a1"
ids_of a2 >"$TMP/calls-a2"
check "$NODE_CALLS on each node" [ "$(grep -c . "$TMP/calls-a1") $(grep -c . "$TMP/calls-a2")" = "$NODE_CALLS $NODE_CALLS" ]
requests=$(requests_of a1)
mark=$(($(wc -l <"$EVENTS") + 1))
begin=$(date +%s%3N)
lab kill a2 >/dev/null
until_true 10 agents_are_free a2
took=$(($(date +%s%3N) - begin))
check "its agents are free within 5 s ($took ms)" [ $took -le 5000 ]
check "each of its calls is named" until_true 10 all_named "$TMP/calls-a2"
for p in $told; do check "the phones of its calls got BYE" ends_well_within 20 "$p"; done
check "the other node's calls go on" talk_and_wait a1
tail -n "+$mark" "$EVENTS" >"$TMP/since"
check "no event names one of them" lacks "$TMP/since" -F -f "$TMP/calls-a1"
check "their phones were told nothing" [ "$(requests_of a1)" = "$requests" ]
lab start a2 >/dev/null
check "it comes back" until_true 30 node_is a2 up
hang_up_all
for p in $stay; do check "the others' phones saw whole calls" ends_well_within 10 "$p"; done
new_calls_to all
check_clean

done_testing
