#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `doctor` and `node check` on a sound lab, and with one fault after the other planted in it: each is found, and nothing
# is found any more when it is mended.
set -u
. tests/func/lib.sh

look() { # look COMMAND...: what it says, and its status
	mqsctl "$@" >"$TMP/found" 2>&1
	status=$?
}
# Both say that there is an error, or that there is none.
is_sound() { [ "$status" = 0 ] && lacks "$TMP/found" "^ERROR"; }
is_sick() { [ "$status" = 1 ] && grep -q "^ERROR" "$TMP/found"; }
found() { # found SEVERITY TEXT, with what to do below
	grep -A1 -e "^$1 .*$2" "$TMP/found" | grep -q '^         .'
}
check_found() { # check_found TEXT SEVERITY PATTERN
	if found "$2" "$3"; then ok "$1"; else
		not_ok "$1 (no $2: $3)"
		sed 's/^/     /' "$TMP/found"
	fi
}
check_sound() {
	look "$@"
	if is_sound; then ok "$* finds no error"; else
		not_ok "$* finds no error"
		sed 's/^/     /' "$TMP/found"
	fi
}
node_is() { mqsctl --json node list | tr -d ' \n' | tr '{' '\n' | grep "\"name\":\"$1\"" | grep -q "\"state\":\"$2\""; }
sip_of() { node_value "$1" sip; }
flags_are() { rpc dispatcher.list | tr -d ' \t\n' | tr '{' '\n' | grep -B3 "\"DUID\":\"$1\"" | grep -q "\"FLAGS\":\"$2\""; }

# Kamailio refuses a second change of its list within five seconds.
list_takes() { rpc "dispatcher.$1" "$2" | grep -q Ok; }
change_list() { until_true 10 list_takes "$@" || not_ok "Kamailio takes dispatcher.$1 $2"; }

lab_up --nodes 2
mqsctl queue create q timeout 20 >/dev/null
agent 2001 agent-answers -d 0
call_in 101 caller-stays
caller=$caller_pid
check "one talks" until_true 10 is 101 talking

new_case "all is well"
check_sound doctor
for about in "mqsd: " "redis: " "pool: " "events: " "node a1: " "node a2: " "kamailio: " "agents: " "rules: "; do
	check "it has looked at ${about%: }" grep -q "^ok  *$about" "$TMP/found"
done
check_sound node check a1
for what in "ARI at" "runs Asterisk" "clock is right" "may change calls" "follows its events" "all modules" "our dialplan" "endpoint to Kamailio"; do
	check "node check: $what" grep -q "^ok  *node a1: .*$what" "$TMP/found"
done
check "of that node only" lacks "$TMP/found" "a2"
mqsctl --json doctor >"$TMP/found"
check "as JSON, too" grep -q '"errors": 0' "$TMP/found"
mqsctl node check a9 >"$TMP/found" 2>&1
check "a node that is none is refused" grep -q "no \[node a9\]" "$TMP/found"

new_case "the dispatcher lacks a node"
change_list remove "1,\"sip:$(sip_of a2)\""
look doctor
check "it is an error" is_sick
check_found "that is found" ERROR "the dispatcher has no duid=a2"
look node check a2
check_found "node check finds it, too" ERROR "the dispatcher has no duid=a2"
change_list add "1,\"sip:$(sip_of a2)\",9,0,\"duid=a2\""
check "it is there again" until_true 10 flags_are a2 AP

new_case "the dispatcher has a stranger, and a node out by hand"
change_list add "1,\"sip:127.0.0.9:5999\",9,0,\"duid=zz\""
rpc dispatcher.set_state "\"d\",1,\"sip:$(sip_of a2)\"" >/dev/null
look doctor
check_found "the stranger is found" ERROR "duid=zz"
check_found "the node that is out is found" warning "node a2 .* is disabled"
change_list remove "1,\"sip:127.0.0.9:5999\""
rpc dispatcher.set_state "\"ap\",1,\"sip:$(sip_of a2)\"" >/dev/null
check_sound doctor

new_case "an agent without a phone"
mqsctl agent add 3001 login manual >/dev/null
mqsctl agent login 3001 >/dev/null
look doctor
check_found "is found" warning "have no registered phone: 3001"
mqsctl agent logout 3001 >/dev/null

new_case "Redis may throw calls away"
redis config set maxmemory 100000000 >/dev/null
redis config set maxmemory-policy allkeys-lru >/dev/null
look doctor
check "it is an error" is_sick
check_found "that is found" ERROR "maxmemory-policy is allkeys-lru"
redis config set maxmemory-policy noeviction >/dev/null
redis config set maxmemory 0 >/dev/null
check_sound doctor

new_case "a bridge that belongs to no call"
ari a1 POST "bridges/1700000000000000-1.9?type=mixing" >/dev/null
look doctor
check_found "is found" warning "belong to no call: 1700000000000000-1.9"
ari a1 DELETE "bridges/1700000000000000-1.9" >/dev/null

new_case "a node does not let mqsd in"
conf=$LAB/a2/etc/ari.conf
cp "$conf" "$TMP/ari.conf"
sed 's/^password *=.*/password = another/' "$TMP/ari.conf" >"$conf"
ari a2 PUT asterisk/modules/res_ari.so >/dev/null
look node check a2
check_found "node check finds it" ERROR "does not let our user in"
look doctor
check_found "and so does doctor" ERROR "node a2: ARI does not let our user in"
check "the password is in none of it" lacks "$TMP/found" -F "$(node_value a2 password)"
lab kill a2 >/dev/null
cp "$TMP/ari.conf" "$conf"

new_case "a node is not there"
look node check a2
check_found "that is found" ERROR "nobody listens"
lab start a2 >/dev/null
check "it is up again" until_true 40 node_is a2 up
check "and in use" until_true 10 flags_are a2 AP
check_sound doctor

new_case "without mqsd"
conf=$(find "$LAB" -name 'mqsd*.conf' | head -n 1)
check_sound -s "$TMP/nobody" doctor config "$conf"
sed "s/^password *=.*/password = another/" "$conf" >"$TMP/wrong.conf"
look -s "$TMP/nobody" doctor config "$TMP/wrong.conf"
check_found "a wrong password is found" ERROR "node a1: ARI does not let our user in"
sed "s/^address *=.*/address = 127.0.0.1:1/" "$conf" >"$TMP/wrong.conf"
look -s "$TMP/nobody" doctor config "$TMP/wrong.conf"
check_found "a wrong address of Redis is found" ERROR "Redis at 127.0.0.1:1"
look -s "$TMP/nobody" doctor config "$TMP/none.conf"
check_found "a file that is none is found" ERROR "No such file"
hang_up_all
check "the talker's phone saw a whole call" ends_well_within 10 "$caller"
check_clean

done_testing
