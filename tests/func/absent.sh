#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What status says of servers that are not there: two mqsd and a Redis of the test's own, no Asterisk, no Kamailio.
set -u
. tests/func/lib.sh

: >"$EVENTS"
redis-server --port 0 --unixsocket "$TMP/redis.sock" --save '' --dir "$TMP" >"$TMP/redis.log" 2>&1 &
pids="$pids $!"
redis_answers() { redis-cli -s "$TMP/redis.sock" ping >"$TMP/out" 2>&1; }
until_true 10 redis_answers
start() { # start INSTANCE: its pid in mqsd_pid
	mkdir -p "$TMP/$1"
	cat >"$TMP/$1.conf" <<END
[mqsd]
instance = $1
state_dir = $TMP/$1
[control]
socket = $TMP/$1.sock
[redis]
address = unix:$TMP/redis.sock
[ari]
password = x
lease_ms = 1500
[sip]
domain = pbx.example
[kamailio]
rpc = http://127.0.0.1:1/RPC
[node a1]
url = http://127.0.0.1:1
END
	"$BIN/mqsd" -c "$TMP/$1.conf" -f >>"$TMP/$1.log" 2>&1 &
	mqsd_pid=$!
	pids="$pids $!"
}
says() { "$BIN/mqsctl" -s "$TMP/i1.sock" status >"$TMP/status" 2>&1 && grep -q -- "$1" "$TMP/status"; }
says_not() { "$BIN/mqsctl" -s "$TMP/i1.sock" status >"$TMP/status" 2>&1 && lacks "$TMP/status" -- "$1"; }
instances_are() { [ "$("$BIN/mqsctl" -s "$TMP/i1.sock" --json instance list | grep -c '"pid"')" = "$1" ]; }
first_line_says() { says "$1" && head -n 1 "$TMP/status" | grep -q -- "$1"; }

start i1
start i2
two=$mqsd_pid
check "both are there" until_true 20 instances_are 2
check "the first line says that the node is down" until_true 20 first_line_says "^node a1 down [0-9]* s"
check "Kamailio is missed, with what that means" until_true 20 says "Kamailio does not answer mqsd for"

new_case "an mqsd leaves"
kill "$two"
wait "$two"
check "it is gone" until_true 10 instances_are 1
check "and not missed" says_not "missing"

new_case "an mqsd is killed"
start i2
two=$mqsd_pid
check "both are there" until_true 20 instances_are 2
check "nobody is missed" says_not "missing"
kill -9 "$two"
wait "$two" 2>/dev/null
check "it is gone" until_true 10 instances_are 1
check "and missed" until_true 5 says "mqsd i2 missing for"
start i2
check "until it is back" until_true 20 says_not "missing"
for i in i1 i2; do check "no sanitizer spoke of $i" lacks "$TMP/$i.log" "AddressSanitizer\|runtime error"; done
done_testing
