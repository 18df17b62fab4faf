#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The SIP edge: contacts and calls outlive Kamailio's kill -9, parties that vanish without BYE are noticed, a
# dead node's phones are told, callers without mqsd reach the fallback, REGISTERs go on without Redis.
# Kamailio lets no keep-alive be due before 30 s, so the other cases happen while the vanished are waited for.
set -u
. tests/func/lib.sh

number_of() { # number_of STATISTIC: of dialogs
	rpc dlg.stats_active | tr -d ' \t' | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}
calls_in() { # calls_in STATE QUEUE: how many
	mqsctl --json call list | tr -d ' \n' | sed 's/},{/}\n{/g' | grep "\"queue\":\"$2\"" | grep -c "\"state\":\"$1\""
}
calls_are() { [ "$(calls_in "$1" "$2")" = "$3" ]; }
no_agent_with() { [ "$(mqsctl --json agent list | tr -d ' \n' | sed 's/},{/}\n{/g' | grep -vc "$1")" = 22 ]; }
kamailio_answers() { rpc core.version | grep -q kamailio; }
active_nodes() { rpc dispatcher.list | grep -c '"FLAGS":[[:space:]]*"A'; }
nodes_are_active() { [ "$(active_nodes)" = "$1" ]; }
rows_are() { [ "$(sqlite3 -readonly "$LAB/kamailio/mqs-$1.db" "select count(*) from $2")" = "$3" ]; }
# Processes by name, since shell variables have no array.
keep() { echo "$2" >"$TMP/pid-$1"; }
pid() { cat "$TMP/pid-$1"; }
id_of() { grep call_entered "$EVENTS" | grep "\"number\":\"$1\"" | tail -n 1 | json call; }
register_all() { register_many "$TMP/agents" "$contact" 3600; }

# The shortest that Kamailio takes, and an answer is expected sooner than a site would.
cp -R etc "$TMP/etc"
sed -i 's/^\(#!trydef MQS_KEEPALIVE_REPLY_MS\) .*/\1 2000/' "$TMP/etc/kamailio/kamailio.cfg"
lab_up --nodes 2 --etc "$TMP/etc" --wait-max 3 --music default
mqsctl queue create w >/dev/null
mqsctl queue create v >/dev/null
mqsctl queue create e autopausemisses 1 >/dev/null

new_case "calls on node a1, waiting and talking; 20 agents are registered"
new_calls_to a1
queue=v
for who in 1 2; do
	mqsctl agent add v$who login register >/dev/null
	mqsctl queue member add v v$who >/dev/null
	phone v$who agent-answers -d 100 -m 1
	keep "v$who" "$phone_pid"
	register v$who "$port" 300
	call_in v$who caller-stays
	keep "c$who" "$caller_pid"
	check "caller $who talks" until_true 10 calls_are talking v $who
done
queue=w
call_in gone caller-stays
keep gone "$caller_pid"
# One phone is alive but knows no OPTIONS, one has forgotten its call.
sed 's/405 Method Not Allowed/481 Call Does Not Exist/' "$SIP/caller-no-options.xml" >"$TMP/caller-481.xml"
cp "$SIP/caller-no-options.xml" "$TMP/caller-405.xml"
for n in 405 481; do
	free_port
	sipp "$KAMAILIO" -i 127.0.0.1 -p "$port" -sf "$TMP/caller-$n.xml" -m 1 -nostdin \
		-key number $n -key queue w >"$TMP/caller-$n.out" 2>&1 &
	pids="$pids $!"
	keep "c$n" $!
done
check "three wait" until_true 10 calls_are waiting w 3
phone e agent-leaves -d 300 -m 1
keep e "$phone_pid"
contact=$port
for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
	mqsctl agent add e$n login register >/dev/null
	echo e$n
done >"$TMP/agents"
register_all
check "the calls are in the file" until_true 10 rows_are calls dialog 7
lab kill kamailio
check "all contacts are in the file" rows_are contacts location 22

new_case "Kamailio is killed, and started; a call is offered while it is away"
lab start kamailio
check "Kamailio answers again" until_true 20 kamailio_answers
check "it knows the nodes" until_true 20 nodes_are_active 2
check "it knows the calls of before" test "$(number_of ongoing)" = 7
check "they go on" sh -c "[ $(calls_in talking v) = 2 ] && [ $(calls_in waiting w) = 3 ]"
queue=e
call_in 20 caller-stays
keep c20 "$caller_pid"
mqsctl queue member add e e13 >/dev/null
check_event "the next call is answered, without a new REGISTER" call_answered '"agent":"e13"'
check "its phone saw a whole call" ended_well "$(pid e)"
check "the caller's phone saw a whole call" ended_well "$(pid c20)"
check "nobody is paused" no_agent_with '"paused":"[^"]'
check "nobody is unreachable" no_agent_with '"unreachable":true'
# The last REGISTERs may not have been told when Kamailio was killed.
check "all are logged in" until_true 20 no_agent_with '"state":"logged_out"'

new_case "SIPp killed: a waiting caller, a talking caller, an agent"
kill -9 "$(pid gone)" "$(pid c1)" "$(pid v2)"
vanish_mark=$mark

new_case "without mqsd a caller reaches the fallback, with music and without"
new_calls_to all
lab kill mqsd-1
ari a2 POST "asterisk/variable?variable=MQS_MUSIC&value=none" >/dev/null
queue=w
for n in 31 32; do
	call_in $n caller-stays
	keep "c$n" "$caller_pid"
done
for n in 31 32; do
	check "caller $n is hung up on" ends_well_within 20 "$(pid "c$n")"
	check "after MQS_WAIT_MAX, by the fallback" grep -q '^Reason: Q.850;cause=34' "$TMP/caller-$n.msg"
done
lab start mqsd-1
kill "$events_pid" 2>/dev/null
until_true 20 sh -c "'$BIN/mqsctl' --json status 2>/dev/null | tr -d ' ' | grep -q '\"status\":\"ok\"'"
follow_events
ari a2 POST "asterisk/variable?variable=MQS_MUSIC&value=default" >/dev/null

new_case "a node dies: the phones of its calls are told, other nodes' callers notice nothing"
new_calls_to a2
queue=v
mqsctl agent add v3 login register >/dev/null
mqsctl queue member add v v3 >/dev/null
mqsctl agent add v4 login register >/dev/null
mqsctl queue member add v v4 >/dev/null
phone v3 agent-answers -d 100 -m 1
keep v3 "$phone_pid"
register v3 "$port" 300
call_in 41 caller-stays
keep c41 "$caller_pid"
check "caller 41 talks" until_true 10 has_event call_bridged '"agent":"v3"'
phone v4 agent-silent -m 1
keep v4 "$phone_pid"
register v4 "$port" 300
call_in 42 caller-stays
keep c42 "$caller_pid"
check_event "caller 42 is offered" offer_made '"agent":"v4"'
queue=w
call_in 43 caller-stays
keep c43 "$caller_pid"
check_event "caller 43 waits" call_entered '"number":"43"'
until_true 10 grep -q '^INVITE' "$TMP/phone-v4.msg"
lab kill a2
for n in 41 42 43; do
	check "caller $n's phone is told" ends_well_within 20 "$(pid "c$n")"
	check_event "call $n is lost with its node" call_ended '"reason":"node_lost"' "\"call\":\"$(id_of $n)\""
done
check "the talking agent's phone is told" ends_well_within 20 "$(pid v3)"
check "the ringing phone is cancelled" ends_well_within 20 "$(pid v4)"
check "the agents are free" until_true 10 says_no '^v[34] .*\(talking\|ringing\)' mqsctl agent list
lab start a2
nodes_are_back() { nodes_are_active 1 && mqsctl --json node list | tr -d ' \n' | grep -o '"state":"up"' | grep -c . | grep -qx 2; }
check "the node is back" until_true 30 nodes_are_back
new_calls_to a2
call_in 44 caller-stays
keep c44 "$caller_pid"
check_event "caller 44 waits on it" call_entered '"number":"44"' '"node":"a2"'

new_case "Redis stands still: REGISTERs are answered, and told when it is back"
last=$(redis --raw xrevrange 'mqs:{default}:reg' + - count 1 | head -n 1)
lab stop redis
check "20 phones register" register_all
lab cont redis
all_told() { [ "$(redis --raw xrange 'mqs:{default}:reg' "($last" + | grep -c '^e[0-2][0-9]$')" = 20 ]; }
check "the stream has all of them" until_true 20 all_told

new_case "the vanished are noticed"
mark=$vanish_mark
for who in gone v1 v2 481; do
	check "the call of $who has ended as vanished" until_true 60 \
		has_event call_ended '"reason":"vanished"' "\"call\":\"$(id_of $who)\""
done
check "the agent's phone is told" ends_well_within 20 "$(pid v1)"
check "the caller's phone is told" ends_well_within 20 "$(pid c2)"
check "the phone that forgot its call is told" ends_well_within 20 "$(pid c481)"
check "both agents are idle" sh -c "'$BIN/mqsctl' agent list | grep '^v[12] ' | grep -c idle | grep -qx 2"
check_event "the vanished agent is not rung again until it registers" agent_unreachable '"agent":"v2"' '"reason":"vanished"'
check "a phone that doesn't know OPTIONS is alive, and so is a new call of the node that was dead" calls_are waiting w 2
mqsctl call hangup "$(id_of 44)" >/dev/null
check "caller 44's phone saw a whole call" ends_well_within 20 "$(pid c44)"
mqsctl call hangup "$(id_of 405)" >/dev/null
check "its phone saw a whole call" ends_well_within 20 "$(pid c405)"
check_clean
check "no dialog is left" until_true 20 says_no value rpc htable.dump '"calls"'
check "nor in the file" until_true 20 rows_are calls dialog 0

done_testing
