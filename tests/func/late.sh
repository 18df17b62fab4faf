#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Late commands (design 6). The owner of a node is held still with a create, a dial or an addChannel in its hand, the
# other instance takes over and connects the caller elsewhere, the first one goes on: the conversation is untouched,
# each phone rang once. Then the same commands arrive late all the same, as if the network had held them back.
set -u
. tests/func/lib.sh
dir=$TMP/own

use() { # the instance that is asked from now on
	export MQS_SOCKET="$dir/$1.sock"
}
pid_of() { cat "$dir/$1.pid"; }
owner() { mqsctl --json node list | json owner; }
owner_is() { mqsctl --json node list | tr -d ' \n' | grep -q "\"state\":\"up\",\"owner\":\"$1\"\|\"owner\":\"$1\".*\"state\":\"up\""; }
node_is_up() { mqsctl --json node list 2>/dev/null | tr -d ' \n' | grep -q '"state":"up"'; }
is_stopped() { grep -q '^State:.*T (stopped)' "/proc/$(pid_of "$1")/status"; }
sees_lost() { # it says that it knows, in what it logged since it was let go
	tail -n "+$log_mark" "$dir/$1.log" | grep -q "is another instance's now"
}
has_kept() { tail -n "+$log_mark" "$dir/$1.log" | grep -q ': too late: '; }
agent_is() { mqsctl --json agent show "$1" | tr -d ' \n' | grep -q "\"state\":\"$2\""; }
call_is() { # call_is STATE AGENT
	mqsctl --json call list | tr -d ' \n' | grep -q "\"state\":\"$1\".*\"agent\":\"$2\"\|\"agent\":\"$2\".*\"state\":\"$1\""
}
rings() { grep -c '^INVITE' "$TMP/phone-$1.msg"; }
to_node() { # a caller of the node; its pid in caller_pid
	number=$((number + 1))
	KAMAILIO=$(node_value "$node" sip)
	call_in "$number" caller-stays
	KAMAILIO=$(lab_value kamailio sip)
}
ari_status() { # ari_status METHOD PATH [BODY]: of the answer
	curl -s -o "$TMP/ari.out" -w '%{http_code}' -m 5 -u "$(node_value "$node" user):$(node_value "$node" password)" \
		-X "$1" -H 'Content-Type: application/json' -d "${3:-{\}}" "$(node_value "$node" ari)/ari/$2"
}
# What a listener would notice: who is in which bridge, and since when each channel is there.
conversation() {
	ari "$node" GET bridges | grep -o '"channels": *\[[^]]*\]\|"id": *"[^"]*"' | sort
	ari "$node" GET channels | grep -o '"id": *"[^"]*"\|"state": *"[^"]*"\|"creationtime": *"[^"]*"' | sort
}
untouched() { [ "$(conversation)" = "$talk" ]; }
no_channels() { [ "$(ari "$node" GET channels)" = "[]" ] && [ "$(ari "$node" GET bridges)" = "[]" ]; }
settle() { # a second after it was let go everything late has been sent, if it ever is
	log_mark=$(($(wc -l <"$dir/$late.log") + 1))
	kill -CONT "$(pid_of "$late")"
	check "$what: it does not send it any more" until_true 10 has_kept "$late"
	check "$what: the late one learns that the node is another's" until_true 10 sees_lost "$late"
	sleep 1
}
end_case() {
	hang_up_all
	check "$what: the caller's phone saw a whole call" ended_well "$caller_pid"
	check "$what: nothing is left on the node" until_true 15 no_channels
	until_true 10 agent_is 2001 idle
	until_true 10 agent_is 2002 idle
}
hold() { # hold COMMAND: the owner is held still with it in its hand, before it is sent
	what=$1
	echo "--- $what held back"
	first=$(rings 2001)
	second=$(rings 2002)
	mqsctl agent unpause 2001 >/dev/null
	mqsctl agent pause 2002 >/dev/null
	late=$(owner)
	heir=$([ "$late" = one ] && echo two || echo one)
	echo "stop $what.before" >"$dir/orders/$late"
	to_node
	check "$what: the owner is held still" until_true 10 is_stopped "$late"
	use "$heir"
}

lab_up --nodes 1 --no-mqsd
for i in one two; do
	write_conf $i
	start_mqsd $i
done
use one
check "the node is up" until_true 15 node_is_up
number=100
mqsctl queue create q timeout 20 >/dev/null
for name in 2001 2002; do
	agent "$name" agent-answers -d 0
	mqsctl agent login "$name" >/dev/null
	mqsctl agent pause "$name" >/dev/null
done

for command in create dial; do
	hold $command
	mqsctl agent pause 2001 >/dev/null
	mqsctl agent unpause 2002 >/dev/null
	check "$what: the other takes over and connects the caller elsewhere" until_true 20 call_is talking 2002
	talk=$(conversation)
	settle
	check "$what: the conversation is untouched" untouched
	check "$what: the first phone never rang" test "$(rings 2001)" = "$first"
	check "$what: the second rang once" test "$(rings 2002)" = $((second + 1))
	end_case
done

hold join
check "$what: the other takes over" until_true 20 owner_is "$heir"
check "$what: and joins the two" until_true 10 call_is talking 2001
talk=$(conversation)
settle
check "$what: the conversation is untouched" untouched
check "$what: the phone rang once" test "$(rings 2001)" = $((first + 1))
check "$what: the other never rang" test "$(rings 2002)" = "$second"

# The same three, when nothing of ours can stop them any more: they arrive. The call has used .1 to .3.
echo "--- late commands that arrive"
call=$(mqsctl --json call list | json id)
caller=$(mqsctl --json call show "$call" | json channel)
first=$(rings 2001)
mqsctl agent unpause 2002 >/dev/null
status=$(ari_status POST channels/create "{\"endpoint\":\"PJSIP/agents/sip:2002@127.0.0.1\",\"app\":\"mqs\",\"appArgs\":\"leg,$call,$call.9,2002\",\"channelId\":\"$call.9\",\"originator\":\"$caller\"}")
check "the create is carried out" test "$status" = 200
check "and its leg deleted before anybody hears it" until_true 10 untouched
status=$(ari_status POST "channels/$call.9/dial?caller=$caller&timeout=20")
check "the dial finds no leg" test "$status" = 404
ari_status POST "bridges/$call.8?type=mixing" >/dev/null
status=$(ari_status POST "bridges/$call.8/addChannel?channel=$call.9,$caller")
check "the addChannel adds nobody (HTTP $status)" test "$status" != 204
ari_status DELETE "bridges/$call.8" >/dev/null
check "the conversation is untouched" untouched
check "no phone rang" test "$(rings 2001) $(rings 2002)" = "$first $second"
what="at the end"
end_case

echo "--- another program takes the events of a node that is ours"
late=$(owner)
log_mark=$(($(wc -l <"$dir/$late.log") + 1))
curl -s -m 2 -N -o "$TMP/stray" -u "$(node_value "$node" user):$(node_value "$node" password)" -H 'Connection: Upgrade' \
	-H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
	"$(node_value "$node" ari)/ari/events?app=mqs" &
stray=$!
logged() { tail -n "+$log_mark" "$dir/$late.log" | grep -q "$1"; }
check "its owner is told" until_true 10 logged "another program serves the application"
check "and takes them back" until_true 10 logged "reconciling -> up"
check "the lease is where it was" test "$(owner)" = "$late"
wait "$stray"
mqsctl agent unpause 2001 >/dev/null
mqsctl agent pause 2002 >/dev/null
first=$(rings 2001)
to_node
what="taken back"
check "$what: a caller is connected" until_true 10 call_is talking 2001
check "$what: the phone rang once" test "$(rings 2001)" = $((first + 1))
end_case

for i in one two; do kill "$(pid_of $i)"; done
done_testing
