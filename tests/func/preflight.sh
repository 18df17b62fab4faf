#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What mqsd looks at before it uses a Redis: those that would lose calls are refused and taken as soon as they are set
# right; the rest is said and shown. No Asterisk is needed for that.
set -u
. tests/func/lib.sh

export MQS_SOCKET="$TMP/mqsd.sock"
LOG=$TMP/mqsd.log
: >"$EVENTS"
start_redis() { # start_redis [OPTION...]
	redis-server --port 0 --unixsocket "$TMP/redis.sock" --save '' --dir "$TMP" "$@" >"$TMP/redis.log" 2>&1 &
	redis_pid=$!
	pids="$pids $redis_pid"
	until_true 10 rcli ping
}
stop_redis() {
	kill "$redis_pid"
	wait "$redis_pid" 2>/dev/null
}
rcli() { redis-cli -s "$TMP/redis.sock" "$@" >"$TMP/rcli.out" 2>/dev/null; }
health() { curl -s -m 5 --unix-socket "$MQS_SOCKET" http://mqsd/v1/health; }
pool_is() { health | grep -q "\"name\":\"default\",\"state\":\"$1\""; }
api_says() { curl -s -m 5 --unix-socket "$MQS_SOCKET" http://mqsd/v1/agents | grep -q "\"code\": *\"$1\""; }
logged() { grep -q -- "$1" "$LOG"; }
shows() { mqsctl status | grep -q -- "$1"; }
not() { ! "$@"; }

mkdir "$TMP/state"
cat >"$TMP/mqsd.conf" <<EOF
[mqsd]
state_dir = $TMP/state
[control]
socket = $MQS_SOCKET
[redis]
address = unix:$TMP/redis.sock
user = mqs
password = right
[ari]
password = x
[node a1]
url = http://127.0.0.1:1
EOF

new_case "a password that is wrong"
start_redis --maxmemory 400mb --maxmemory-policy allkeys-lru
"$BIN/mqsd" -c "$TMP/mqsd.conf" -f >"$LOG" 2>&1 &
mqsd_pid=$!
pids="$pids $mqsd_pid"
check "it is said" until_true 10 logged "refuses our user or password"
check "the API says redis_wrongpass" until_true 10 api_says redis_wrongpass
rcli acl setuser mqs on '>right' '~mqs:*' '&mqs:*' +@all -@admin +info +role '+config|get' -xtrim

new_case "a command that the scripts need"
check "what is missing is named" until_true 15 logged "does not allow our user XTRIM"
check "eviction is, too" logged "maxmemory-policy is allkeys-lru: at 400 MB Redis would throw calls"
check "the pool stays closed" pool_is closed
check "the API says redis_unfit" until_true 10 api_says redis_unfit
check "nothing was written" [ -z "$(redis-cli -s "$TMP/redis.sock" --raw keys 'mqs:{default}:*')" ]

new_case "the rights that the manual gives are enough, eviction is not"
rcli acl setuser mqs +xtrim
check "the pool stays closed" not until_true 2 pool_is ready
check "each finding is said once" [ "$(grep -c "does not allow our user XTRIM" "$LOG")" = 2 ]
rcli config set maxmemory-policy noeviction
check "set right, the pool opens" until_true 20 pool_is ready
check "what could be better is shown" until_true 5 shows "Redis saves nothing"
check "memory against the stream's bound too" shows "1000000 events take about 286 MB"
check "eviction is no more" not shows "would throw calls"
check "registrations can be read" not logged "registrations cannot be read"
check "no right was missing" not logged "NOPERM"

new_case "the configuration cannot be read"
rcli acl setuser mqs '-config|get'
rcli client kill type normal
check "mqsd goes on" until_true 20 pool_is ready
check "and says so" until_true 20 shows "CONFIG GET is not allowed"
check "what it could not see it does not guess" not shows "saves nothing"

new_case "Redis Cluster"
stop_redis
start_redis --cluster-enabled yes --port "$((20000 + $$ % 7000))"
rcli acl setuser mqs on '>right' allkeys allchannels allcommands
check "it is refused" until_true 20 api_says redis_unfit
check "why is said" logged "runs in cluster mode"

new_case "the end"
kill "$mqsd_pid"
wait "$mqsd_pid"
check "mqsd ends with 0" [ $? = 0 ]
check "no sanitizer spoke" sanitizers_are_quiet "$LOG"
done_testing
