#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Redis forgets, the nodes and the copy on disk don't: callers keep their places and priorities, conversations go
# on, queues, members and agents' states come back. WIPE_WAITING=300 is the long form (make long; 30 otherwise), with
# WIPE_MQSD=2 two mqsd do it at once.
set -u
. tests/func/lib.sh
waiting=${WIPE_WAITING:-30}
mqsds=${WIPE_MQSD:-1}
loadtest() { "$BIN/loadtest" "$@"; }
copy() { echo "$LAB"/mqsd-1/default.export; }

calls_are() { # calls_are STATE NUMBER
	[ "$(mqsctl --json call list | tr -d ' \n' | grep -o "\"state\":\"$1\"" | grep -c .)" = "$2" ]
}
all_is_well() { mqsctl --json status 2>/dev/null | tr -d ' \n' | grep -q '"status":"ok".*"pool":{[^}]*"state":"ready"'; }
# What an operator has made, without the versions that an export has, too.
made() { mqsctl export | grep -v '^#'; }
made_is() { [ "$(made)" = "$1" ]; }
copy_has() { grep -qF "$1" "$(copy)" 2>/dev/null; }
agent_is() { mqsctl --json agent show "$1" | grep -q "\"state\": *\"$2\""; }
each_mqsd() { # each_mqsd kill|start
	for i in $(seq "$mqsds"); do loadtest lab "$1" --lab "$LAB" "mqsd-$i" >/dev/null; done
}
both_in_bridges() { [ "$(for n in a1 a2; do ari "$n" GET bridges; done | grep -o '"channels":\[[^]]*\]' | tr ',' '\n' | grep -c .)" = 4 ]; }
call_of() { mqsctl --json call list | tr -d ' \n' | tr '{' '\n' | grep -F "\"number\":\"$1\"" | json "$2"; }
has_priority() { [ "$(call_of "$1" priority)" = "$2" ]; }
rang_once() { [ "$(tr -d '\r' <"$TMP/phone-$1.msg" | grep '^Call-ID:' | sort -u | grep -c .)" = 1 ]; }
agents_talk() { agent_is 2001 talking && agent_is 2002 talking; }
told_of() { [ "$(count_events '"event":"recovered"')" -ge "$1" ]; }

check_all_back() { # check_all_back WHAT
	check "$1: it recovers" until_true 40 all_is_well
	until_true 20 has_event recovery_done
	check "$1: queues, agents, members and their states are back" until_true 10 made_is "$config"
	check "$1: $waiting wait" until_true 20 calls_are waiting "$waiting"
	check "$1: the one with a higher priority has it" until_true 10 has_priority 17 2
	check "$1: two talk" until_true 10 calls_are talking 2
	check "$1: the talkers' agents are known to talk" until_true 10 agents_talk
	check "$1: agents and calls were told of" until_true 10 told_of $((waiting + 2 + 6))
	echo "     recovery took $(events_with recovery_done | tail -n 1 | json took_ms) ms"
}
follow_again() { # ids of events begin anew with a Redis that was emptied
	kill "$events_pid" 2>/dev/null
	wait "$events_pid" 2>/dev/null
	"$BIN/mqsctl" --json events since 0-0 >>"$EVENTS" 2>>"$TMP/events.err" &
	events_pid=$!
	pids="$pids $events_pid"
}

lab_up --nodes 2 --mqsd "$mqsds"
mqsctl queue create q timeout 5 >/dev/null
mqsctl queue create support timeout 33 wrapuptime 7 >/dev/null
for n in 2001 2002; do
	agent $n agent-answers -d 0
	call_in 9$n caller-stays
	until_true 10 calls_are talking $((n - 2000)) || not_ok "$n talks"
	talkers="${talkers:-} $caller_pid"
done
mqsctl agent add 2003 >/dev/null && mqsctl agent login 2003 >/dev/null && mqsctl agent pause 2003 reason 'lunch "break"' >/dev/null
mqsctl queue member add q 2003 penalty 5 >/dev/null
mqsctl agent add 2004 login manual wrapuptime 9 >/dev/null && mqsctl queue member add support 2004 penalty 1 >/dev/null
mqsctl agent add 2005 >/dev/null && mqsctl agent login 2005 >/dev/null && mqsctl queue member add support 2005 >/dev/null
agent 3001 agent-leaves -d 100
mqsctl agent set 3001 login manual >/dev/null && mqsctl agent logout 3001 >/dev/null
mqsctl agent add 3002 >/dev/null
# Callers number 1, 2, 3... one after the other, so that their order is known.
queue=q
callers_in "" "$waiting"
callers=$caller_pid
check "$waiting wait" until_true $((20 + waiting / 10)) calls_are waiting "$waiting"
config=$(made)
# What a channel carries of its call is what an emptied Redis is told: two callers who go before the others.
set_priority() { # set_priority NUMBER PRIORITY
	ari "$(call_of "$1" node)" POST "channels/$(call_of "$1" channel)/variable?variable=MQS_CALL&value=1:$(call_of "$1" id):$2:$(call_of "$1" entered_ms):q"
}
set_priority 5 1
set_priority 17 2
check "the copy on disk follows" until_true 5 copy_has 'agent add 3002'
mqsctl agent remove 3002 >/dev/null
config=$(made)
check "a deletion, too" until_true 5 lacks "$(copy)" -F 'agent add 3002'
check "the one before it is kept" [ -s "$(copy).1" ]

new_case "FLUSHALL"
redis flushall >/dev/null
check_all_back "FLUSHALL"
check "paused with its reason" sh -c "'$BIN/mqsctl' export | grep -qF 'agent pause 2003 reason \"lunch \\\"break\\\"\"'"
check_event "it says what came back" pool_restored '"restored"'

new_case "Redis killed, and started empty"
loadtest lab kill --lab "$LAB" redis >/dev/null
rm -rf "$LAB"/redis/appendonlydir "$LAB"/redis/*.rdb
loadtest lab start --lab "$LAB" redis >/dev/null
follow_again
check_all_back "started empty"

new_case "Redis killed, and started with what it had on disk"
loadtest lab kill --lab "$LAB" redis >/dev/null
loadtest lab start --lab "$LAB" redis >/dev/null
check_all_back "started with its AOF"

new_case "mqsd killed and Redis wiped at the same time"
each_mqsd kill
redis flushall >/dev/null
each_mqsd start
until_true 30 all_is_well
follow_again
check_all_back "mqsd was killed"

new_case "a damaged copy is not used, the one before it is"
mqsctl queue set support timeout 34 >/dev/null
check "the copy follows" until_true 5 copy_has 'queue create support strategy longest-idle timeout 34'
mqsctl queue set support timeout 35 >/dev/null
check "again" until_true 5 copy_has 'queue create support strategy longest-idle timeout 35'
each_mqsd kill
for i in $(seq "$mqsds"); do sed -i 's/timeout 35/timeout 3x/' "$LAB/mqsd-$i/default.export"; done
redis flushall >/dev/null
each_mqsd start
until_true 30 all_is_well
follow_again
config=$(printf '%s\n' "$config" | sed 's/^\(queue create support .*\)timeout 33/\1timeout 34/')
check_all_back "the copy was damaged"
check "the log says where" grep -q "default.export:[0-9]*: .*; this copy of the pool is not used" "$LAB/log/mqsd-1.log" "$LAB/log/mqsd.log"

new_case "everybody is answered, in the order of old"
mqsctl agent login 3001 >/dev/null
check "all callers saw a whole call" ended_well "$callers"
mark=1
for id in $(events_with '"offer_made"' '"agent":"3001"' | while read -r line; do printf "%s\n" "$line" | json call; done); do
	grep '"call_entered"' "$EVENTS" | grep -F "\"$id\"" | head -n 1 | json number
done >"$TMP/order"
# By the dialplans' stamps: a busy machine may let the second of two be stamped first.
grep '"call_entered"' "$EVENTS" | grep -F '"reason":"entered"' | while read -r line; do
	echo "$(printf '%s\n' "$line" | json entered_ms) $(printf '%s\n' "$line" | json call) $(printf '%s\n' "$line" | json number)"
done | sort -u | awk '$3 < 90000 { print $3 }' >"$TMP/arrived"
{ echo 17; echo 5; grep -vx -e 5 -e 17 "$TMP/arrived"; } >"$TMP/want"
check "all of them are known" [ "$(grep -c . "$TMP/want")" = "$waiting" ]
check "in the order of priority and arrival" cmp -s "$TMP/want" "$TMP/order"

new_case "nobody has a copy: a new pool, and who talks talks on"
mqsctl export >"$TMP/export"
config=$(made)
each_mqsd kill
rm -f "$LAB"/mqsd-*/default.export*
redis flushall >/dev/null
each_mqsd start
until_true 30 all_is_well
follow_again
check "the pool is new" [ -z "$(made)" ]
check_event "it looks for the queue in vain" call_refused '"number":"92001"'
check_event "of both" call_refused '"number":"92002"'
check "they talk on" both_in_bridges

new_case "an export makes the same pool of an empty one"
check "mqsctl takes it" sh -c "'$BIN/mqsctl' <'$TMP/export' >/dev/null"
check "the same is there" made_is "$config"
# A recovery, so that nobody is offered a call before it is known who talks.
loadtest lab kill --lab "$LAB" redis >/dev/null
loadtest lab start --lab "$LAB" redis >/dev/null
check "who talks is known again" until_true 30 calls_are talking 2

new_case "the conversations went on all the time"
hang_up_all
for n in 2001 2002; do check "the phone of $n rang once" rang_once $n; done
for p in $talkers; do check "a talking caller saw a whole call" ended_well "$p"; done
check_clean
done_testing
