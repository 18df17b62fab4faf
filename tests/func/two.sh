#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Two mqsd, two nodes, one Redis: who owns what, who acts for whom, and what becomes of the calls when one of the two
# is killed, stops, is told to leave or is held still. Figures that it prints are not judged here.
set -u
. tests/func/lib.sh

# The events as Redis has them, whichever mqsd lives.
follow_events() {
	{
		last=0-0
		while :; do
			page=$(redis --raw xread count 500 block 300 streams 'mqs:{default}:events' "$last")
			[ -n "$page" ] || continue
			printf '%s\n' "$page" | grep '^{' >>"$EVENTS"
			last=$(printf '%s\n' "$page" | grep '^[0-9]*-[0-9]*$' | tail -n 1)
		done
	} &
	events_pid=$!
	pids="$pids $events_pid"
	until_true 15 stream_is_live
}

lab() { verb=$1; shift; "$BIN/loadtest" lab "$verb" --lab "$LAB" "$@" >/dev/null; }
on() { # on INSTANCE COMMAND...: over that one's socket
	case $1 in mqsd-1) socket=$LAB/mqsd.sock ;; *) socket=$LAB/$1.sock ;; esac
	shift
	MQS_SOCKET=$socket "$BIN/mqsctl" --yes "$@"
}
quietly() { "$@" >/dev/null; }
refused() { ! "$@" >/dev/null 2>&1; }
owner() { redis hget "mqs:{default}:node:$1" owner; }
other() { if [ "$1" = mqsd-1 ]; then echo mqsd-2; else echo mqsd-1; fi; }
state_is() { # state_is NODE OWNER: it is that one's, and up
	[ "$(owner "$1")" = "$2" ] && [ "$(redis hget "mqs:{default}:node:$1" state)" = up ]
}
shared() { [ "$(owner a1)" != "$(owner a2)" ] && state_is a1 "$(owner a1)" && state_is a2 "$(owner a2)"; }
all_are() { state_is a1 "$1" && state_is a2 "$1"; }
listed() { # listed INSTANCE COUNT: so many instances are seen by it
	[ "$(on "$1" --json instance list | grep -c '"pid"')" = "$2" ]
}
calls_in() { # calls_in STATE COUNT
	[ "$(redis --raw hgetall 'mqs:{default}:count' | paste - - | awk -v s=":$1" 'index($1, "n:") == 1 && index($1, s) { n += $2 } END { print n + 0 }')" = "$2" ]
}
call_of() { grep '"call_entered"' "$EVENTS" | grep -F "\"number\":\"$1\"" | tail -n 1 | json call; }
node_of() { grep '"call_entered"' "$EVENTS" | grep -F "\"number\":\"$1\"" | tail -n 1 | json node; }
at() { events_with "$@" | head -n 1 | json at; }
since_event() { # since_event TEXT FROM WORD...: ms from then to that event, said only
	text=$1
	from=$2
	shift 2
	echo "     $text: $(($(at "$@") - from)) ms"
}
now_ms() { date +%s%3N; }
waits() { # waits NUMBER: a caller that stays, in the queue now
	call_in "$1" caller-stays
	until_true 10 has_event '"call_entered"' "\"number\":\"$1\"" || not_ok "caller $1 enters"
}
order_is() { # numbers of answered calls of this case
	got=$(events_with '"call_answered"' | while read -r line; do
		grep '"call_entered"' "$EVENTS" | grep -F "\"$(printf '%s\n' "$line" | json call)\"" | json number
	done | tr '\n' ' ')
	[ "$got" = "$1 " ]
}
rang_once() { # rang_once NAME: its phone saw one INVITE in this lab
	[ "$(grep -c '^INVITE ' "$TMP/phone-$1.msg")" = 1 ]
}

lab_up --nodes 2 --mqsd 2
if ! quietly on mqsd-1 queue create q timeout 60 wrapuptime 0; then
	not_ok "the queue is made"
	done_testing
fi

new_case "sharing"
check "each has a node" until_true 15 shared
check "one sees two instances" until_true 5 listed mqsd-1 2
check "so does the other" until_true 5 listed mqsd-2 2
check "an instance that is not there cannot leave" refused on mqsd-1 instance leave nobody

new_case "an agent is freed over the one instance while the call waits on the other's node"
agent 2001 agent-answers -d 0
until_true 5 has_event '"agent_registered"' '"agent":"2001"'
talker=$phone_pid
mqsctl agent pause 2001 >/dev/null
waits 100
talk_pid=$caller_pid
mine=$(owner "$(node_of 100)")
wrong=$(other "$mine")
check "any instance shows the call" quietly on "$wrong" call show "$(call_of 100)"
on "$wrong" agent unpause 2001 >/dev/null
check_event "its phone is rung" '"offer_dialled"' '"agent":"2001"'
check_event "they talk" '"call_bridged"' '"agent":"2001"'
since_event "claim to dial, across" "$(at '"offer_made"')" '"offer_dialled"'

new_case "hang-up over the wrong instance"
waits 101
mine=$(owner "$(node_of 101)")
wrong=$(other "$mine")
check "is taken" quietly on "$wrong" call hangup "$(call_of 101)"
check "the waiting caller's phone saw a whole call" ended_well "$caller_pid"

new_case "Redis forgets everything: each tells of its own callers"
waits 108
p108=$caller_pid
waits 109
p109=$caller_pid
redis flushall >/dev/null
check_event "one of the two recovers the pool" '"recovery_done"'
check "both callers wait again" until_true 10 calls_in waiting 2
check "the talker still talks" until_true 10 calls_in talking 1
for n in 108 109; do mqsctl call hangup "$(call_of $n)" >/dev/null; done
check "a waiting caller's phone saw a whole call" ended_well "$p108"
check "so did the other's" ended_well "$p109"

new_case "kill -9 of an owner: talkers, waiting callers and newcomers"
# Its callers are on both nodes: the dispatcher goes round.
waits 102
p102=$caller_pid
waits 103
p103=$caller_pid
dead=$(owner "$(node_of 100)")
heir=$(other "$dead")
killed=$(now_ms)
lab kill "$dead"
call_in 104 caller-stays
p104=$caller_pid
call_in 105 caller-stays
p105=$caller_pid
export MQS_SOCKET="$LAB/mqsd.sock"
[ "$heir" = mqsd-1 ] || export MQS_SOCKET="$LAB/$heir.sock"
check "the other has both nodes" until_true 15 all_are "$heir"
since_event "kill to take-over" "$killed" '"node_owner"' '"reason":"expired"'
check "four wait" until_true 15 calls_in waiting 4
check "the talker still talks" calls_in talking 1
check "one instance is left" listed "$heir" 1
agent 2002 agent-leaves -d 100
leaver=$phone_pid
for p in $p102 $p103 $p104 $p105; do check "a waiting caller's phone saw a whole call" ended_well "$p"; done
sorted=$(printf '%s\n' "$(call_of 102) 102" "$(call_of 103) 103" "$(call_of 104) 104" "$(call_of 105) 105" | sort | cut -d ' ' -f 2 | tr '\n' ' ')
check "answered in the order of arrival" until_true 5 order_is "${sorted% }"

new_case "it comes back and gets its share"
lab start "$dead"
started=$(now_ms)
check "each has a node again" until_true 15 shared
since_event "start to its share" "$started" '"node_owner"' '"reason":"given"' "\"instance\":\"$dead\""
check "the talker still talks" calls_in talking 1
sleep 2 # long enough for a node to be given once more, if it ever is
check "and nothing moves any more" test "$(count_events '"node_owner"')" = 1

new_case "SIGTERM with a phone ringing: the other goes on with it at once"
mqsctl agent logout 2002 >/dev/null
agent 2003 agent-silent
silent=$phone_pid
waits 106
p106=$caller_pid
check_event "the phone rings" '"offer_dialled"' '"agent":"2003"'
left=$(owner "$(node_of 106)")
heir=$(other "$left")
lab term "$left"
check "the other has both nodes" until_true 5 all_are "$heir"
since_event "gone to take-over" "$(at '"instance_stopped"')" '"node_owner"' "\"instance\":\"$heir\""
check "the phone still rings" calls_in ringing 1
check "and was rung once" rang_once 2003
check "the one that stopped said so" has_event '"instance_stopped"' "\"instance\":\"$left\"" '"reason":"SIGTERM"'
export MQS_SOCKET="$LAB/mqsd.sock"
[ "$heir" = mqsd-1 ] || export MQS_SOCKET="$LAB/$heir.sock"
mqsctl call hangup "$(call_of 106)" >/dev/null
check "its caller's phone saw a whole call" ended_well "$p106"
drop_agent 2003 "$silent"
lab start "$left"
check "each has a node again" until_true 15 shared

new_case "told to leave over the other"
left=$(owner "$(node_of 100)")
heir=$(other "$left")
check "it is asked" quietly on "$heir" instance leave "$left"
check_event "it leaves" '"instance_stopped"' "\"instance\":\"$left\"" '"reason":"leave"'
check "the other has both nodes" until_true 5 all_are "$heir"
check "it comes back as its supervisor wants" until_true 15 shared

new_case "held still for ten seconds"
agent 2004 agent-answers -d 0
until_true 5 has_event '"agent_registered"' '"agent":"2004"'
late_phone=$phone_pid
mqsctl agent pause 2004 >/dev/null
waits 107
p107=$caller_pid
late=$(owner "$(node_of 107)")
heir=$(other "$late")
lab stop "$late"
export MQS_SOCKET="$LAB/mqsd.sock"
[ "$heir" = mqsd-1 ] || export MQS_SOCKET="$LAB/$heir.sock"
check "the other has both nodes" until_true 15 all_are "$heir"
mqsctl agent unpause 2004 >/dev/null
check_event "and connects its caller" '"call_bridged"' '"agent":"2004"'
sleep 3 # held still for ten seconds in all
lab cont "$late"
check "each has a node again" until_true 15 shared
check "the conversations go on" calls_in talking 2
check "the late one's phone was rung once" rang_once 2004
mqsctl call hangup "$(call_of 107)" >/dev/null
mqsctl call hangup "$(call_of 100)" >/dev/null
check "a talker's phone saw a whole call" ended_well "$talk_pid"
check "so did the other's" ended_well "$p107"
check_clean
kill "$leaver" "$talker" "$late_phone"
for i in mqsd-1 mqsd-2; do
	check "no sanitizer spoke in $i" sanitizers_are_quiet "$LAB/log/$i.log"
done

kill "$events_pid"
wait "$events_pid" 2>/dev/null
done_testing
