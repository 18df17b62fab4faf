#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Offers that fail, against real servers: what a phone does is its agent's affair; what a node's way to Kamailio, or
# Kamailio itself, does is never held against an agent, and holds only the calls that it must. Any miss would
# pause an agent here.
set -u
. tests/func/lib.sh

of_agent() { mqsctl --json agent show "$1" | tr -d ' ' | json "$2"; }
is_innocent() { # is_innocent AGENT: no miss, not paused, not unreachable
	mqsctl --json agent show "$1" | tr -d ' \n' | grep '"misses":0' | grep '"paused":false' | grep -q '"unreachable":false'
}
status_says() { mqsctl status | grep -q "$1"; }
phones_are() { mqsctl node list | grep "^$1 " | grep -q " $2 "; } # phones_are NODE WORD
rpc() { # rpc METHOD PARAMETERS, to Kamailio
	curl -s -m 5 -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":[$2]}" "$RPC"
}
new_calls_to() { # new_calls_to NODE: the other gets none
	for node in a1 a2; do
		state=ap
		[ "$1" = $node ] || state=dx
		rpc dispatcher.set_state "\"$state\",1,\"sip:$(node_value $node sip)\"" >/dev/null
	done
}
ends_well() { # ends_well PID: within 25 s
	until_true 25 sh -c "! kill -0 $1 2>/dev/null" && wait "$1"
}
# way NODE PORT: where the node sends its INVITEs.
way() {
	sed -i "s/^\(outbound_proxy = sip:[^:]*\):[0-9]*/\1:$2/" "$LAB/$1/etc/pjsip.conf"
	ari "$1" PUT asterisk/modules/res_pjsip.so >/dev/null
}
enter() { # enter NUMBER NODE
	new_calls_to "$2"
	call_in "$1" caller-stays
	until_true 5 has_event call_entered "\"number\":\"$1\"" "\"node\":\"$2\"" || not_ok "caller $1 is on $2"
}
phone_code() { # phone_code NAME PROVISIONAL FINAL
	sed "s/183 Early/$2 Early/;s/486 Final/$3 Final/" "$SIP/agent-code.xml" >"$TMP/code-$3.xml"
	mqsctl agent add "$1" login register >/dev/null
	member add "$1"
	sip=$SIP
	SIP=$TMP
	phone "$1" "code-$3" -m 1 -d 0
	SIP=$sip
	register "$1" "$port" 300
}
answered_in_order() { # numbers of answered calls, in order
	events_with call_answered | while read -r line; do
		id=$(printf '%s\n' "$line" | json call)
		grep call_entered "$EVENTS" | grep -F "$id" | head -n 1 | json number
	done | tr '\n' ' '
}
member() { mqsctl queue member "$1" q "$2" >/dev/null; }

lab_up --nodes 2
RPC=$(lab_value kamailio rpc)
PORT=${KAMAILIO#*:}
mqsctl queue create q timeout 4 autopausemisses 1 >/dev/null
free_port
nowhere=$port

new_case "phones that are to blame themselves"
for row in 4001.486=busy 4002.603=reject 4003.503=reject 4004.302=reject; do
	who=${row%%.*}
	what=${row#*.}
	phone_code "$who" 180 "${what%=*}"
	a=$phone_pid
	call_in "$who" caller-leaves -d 300
	check_event "${what%=*} is ${what#*=}" offer_failed "\"agent\":\"$who\"" "\"reason\":\"${what#*=}\""
	check_event "a miss, and with it a pause" agent_paused "\"agent\":\"$who\"" '"reason":"misses"'
	ends_well "$caller_pid"
	kill "$a" 2>/dev/null
	member remove "$who"
done
check "status says who to look for" status_says "4 agents are paused because of missed calls"
mqsctl agent add 4005 login register >/dev/null
member add 4005
register 4005 "$nowhere" 300
call_in 4005 caller-stays
c=$caller_pid
check_event "a registered phone that is silent is unreachable" agent_unreachable '"agent":"4005"' '"sip_status":480'
check "and that is no miss" [ "$(of_agent 4005 misses)" = 0 ]
member remove 4005
check "no circuit opened" lacks "$EVENTS" circuit_opened

new_case "a node that cannot reach Kamailio"
mqsctl queue set q timeout 2 >/dev/null
agent 3001 agent-leaves -d 100
agent 3002 agent-leaves -d 100
check "the caller of before is answered" ends_well "$c"
mqsctl agent pause 3001 reason test >/dev/null
mqsctl agent pause 3002 reason test >/dev/null
way a1 "$nowhere"
callers=
for n in 11 12 13; do
	enter $n a1
	callers="$callers $caller_pid"
done
enter 14 a2
d=$caller_pid
mqsctl agent unpause 3001 >/dev/null
mqsctl agent unpause 3002 >/dev/null
check_event "its circuit opens" circuit_opened '"circuit":"node"' '"node":"a1"'
check "the other node's caller is answered" ends_well "$d"
enter 15 a2
check "and one that comes later" ends_well "$caller_pid"
check "none of the first got through" no_event call_answered '"node":"a1"'
enter 16 a1
callers="$callers $caller_pid"
check_event "a newcomer is held" call_held '"reason":"node_failing"'
check "it shows in the list of nodes" phones_are a1 failing
check "and the other doesn't" phones_are a2 ok
check "and in the status" status_says "node a1 reaches no phones"
for who in 3001 3002; do check "agent $who is not blamed" is_innocent $who; done
way a1 "$PORT"
check_event "mended: the circuit closes" circuit_closed '"node":"a1"' '"reason":"phone_reached"'
for p in $callers; do check "its callers are answered" ends_well "$p"; done
order=$(answered_in_order)
case $order in
*"11 12 13 16 ") ok "in the order in which they came" ;;
*) not_ok "in the order in which they came: $order" ;;
esac
check_clean

new_case "Kamailio stands still, with offers under way"
for who in 3001 3002; do mqsctl agent pause $who reason test >/dev/null; done
callers=
for n in 21 23 25; do
	enter $n a1
	callers="$callers $caller_pid"
	enter $((n + 1)) a2
	callers="$callers $caller_pid"
done
lab stop kamailio >/dev/null
for who in 3001 3002; do mqsctl agent unpause $who >/dev/null; done
check_event "it is Kamailio that is charged" circuit_opened '"circuit":"kamailio"'
check "and the status says so" status_says "no node reaches a phone through Kamailio"
for who in 3001 3002; do check "agent $who is not blamed" is_innocent $who; done
lab cont kamailio >/dev/null
check_event "it goes on: the circuit closes" circuit_closed '"circuit":"kamailio"'
for p in $callers; do check "a caller is answered" ends_well "$p"; done
for who in 3001 3002; do check "agent $who is not blamed" is_innocent $who; done
check "nobody was paused but by us" [ "$(count_events agent_paused)" = "$(count_events agent_paused '"reason":"test"')" ]
check "nor called unreachable" no_event agent_unreachable
check_clean

done_testing
