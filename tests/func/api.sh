#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The control API as a client sees it: curl and raw bytes against an mqsd with a Redis of its own and no
# Asterisk. Errors, deferred replies whose clients leave, bounds, event streams, Redis away.
set -u
. tests/func/lib.sh

SOCKET=$TMP/mqsd.sock
LOG=$TMP/mqsd.log
KEY='mqs:{default}:events'
export MQS_SOCKET="$SOCKET"
: >"$EVENTS"

start_redis() {
	redis-server --port 0 --unixsocket "$TMP/redis.sock" --save '' --dir "$TMP" >"$TMP/redis.log" 2>&1 &
	redis_pid=$!
	pids="$pids $redis_pid"
	until_true 10 rcli ping
}
rcli() { redis-cli -s "$TMP/redis.sock" "$@" >"$TMP/rcli.out" 2>/dev/null; }

# api METHOD PATH [BODY]: the status goes to $status, the body to $reply
api() {
	status=$(curl -s -m 20 --unix-socket "$SOCKET" -X "$1" -o "$TMP/reply" -w '%{http_code}' \
		${3+--data-binary "$3"} "http://mqsd$2")
	reply=$(cat "$TMP/reply")
}
# expect TEXT STATUS WORD METHOD PATH [BODY]
expect() {
	text=$1
	want=$2
	word=$3
	shift 3
	api "$@"
	case $status$reply in
	"$want"*"$word"*) ok "$text" ;;
	*) not_ok "$text: $status $reply (wanted $want and $word)" ;;
	esac
}
serving() { curl -s -m 2 --unix-socket "$SOCKET" http://mqsd/v1/health >"$TMP/health"; }
health_is() { serving && grep -q "\"status\":\"$1\"" "$TMP/health"; }
pool_is() { serving && grep -q "\"name\":\"default\",\"state\":\"$1\"" "$TMP/health"; }
open_files() { find "/proc/$mqsd_pid/fd" 2>/dev/null | wc -l; }

mkdir "$TMP/state"
cat >"$TMP/mqsd.conf" <<EOF
[mqsd]
state_dir = $TMP/state
[control]
socket = $SOCKET
sse_max_bytes = 65536
body_max_bytes = 2048
[redis]
address = unix:$TMP/redis.sock
[ari]
password = x
[sip]
domain = pbx.example
[node a1]
url = http://127.0.0.1:1
EOF
start_redis
"$BIN/mqsd" -c "$TMP/mqsd.conf" -f >"$LOG" 2>&1 &
mqsd_pid=$!
pids="$pids $mqsd_pid"
until_true 10 serving || { cat "$LOG"; not_ok "mqsd serves its API"; done_testing; }
until_true 20 pool_is ready
check "the pool is ready without its node" pool_is ready
check "only user and group may use the socket" [ "$(stat -c %a "$SOCKET")" = 660 ]
"$BIN/mqsd" -c "$TMP/mqsd.conf" -f >"$TMP/second.log" 2>&1
check "a second mqsd with the same configuration refuses to start" [ $? = 1 ]

new_case "queues, agents, members"
expect "a queue is created with its defaults" 201 '"timeout":15' POST /v1/queues '{"name":"q"}'
expect "twice it is refused" 409 queue_exists POST /v1/queues '{"name":"q"}'
expect "an option is set" 200 '"timeout":20' PATCH /v1/queues/q '{"timeout":20}'
expect "out of range it is refused, with the range" 400 '1 to 600' PATCH /v1/queues/q '{"timeout":0}'
expect "an unknown one with the nearest" 400 "did you mean 'timeout'" PATCH /v1/queues/q '{"timout":1}'
expect "nothing was set with it" 200 '"wrapuptime":0' PATCH /v1/queues/q '{}'
expect "an agent gets its address" 201 'sip:1001@pbx.example' POST /v1/agents '{"name":"1001"}'
expect "an address that is none is refused" 400 bad_value POST /v1/agents '{"name":"x","address":"sip:a@b\r\nX: y"}'
expect "a name that is none" 400 bad_name POST /v1/agents '{"name":"a b"}'
expect "it is made a member" 200 '"agent":"1001"' PUT /v1/queues/q/members/1001 '{"penalty":2}'
expect "the queue shows it" 200 '"penalty":2' GET /v1/queues/q
expect "a penalty has a range" 400 bad_value PUT /v1/queues/q/members/1001 '{"penalty":1000}'
expect "a penalty is changed, with what undoes it" 200 '"undo":"queue member set q 1001 penalty 2"' PATCH /v1/queues/q/members/1001 '{"penalty":3}'
expect "it needs one" 400 bad_value PATCH /v1/queues/q/members/1001 '{}'
expect "a member is paused in one queue" 200 'member unpause q 1001' POST /v1/queues/q/members/1001/pause '{"reason":"quiet day"}'
expect "the queue shows it" 200 '"paused_here":"quiet day"' GET /v1/queues/q
expect "the agent too" 200 '"paused_in":{"q":"quiet day"}' GET /v1/agents/1001
expect "and the export" 200 'queue member pause q 1001 reason' GET /v1/export
expect "unpaused, with what undoes it" 200 'member pause q 1001 reason' POST /v1/queues/q/members/1001/unpause
expect "who is no member is not paused" 404 no_such_agent POST /v1/queues/q/members/1002/pause
expect "it logs in" 200 '"state":"idle"' POST /v1/agents/1001/login
expect "pauses" 200 '"pause_reason":"lunch"' POST /v1/agents/1001/pause '{"reason":"lunch"}'
expect "and is back" 200 '"paused":false' POST /v1/agents/1001/unpause
expect "an older version is refused" 409 stale PATCH /v1/agents/1001 '{"wrapuptime":1,"v":"1"}'
expect "all agents" 200 '"queues":["q"]' GET /v1/agents
expect "no calls are an empty list" 200 '{"calls":[]}' GET '/v1/calls?from=555'
expect "a list of the members that are wanted" 200 '{"agents":[{"name":"1001","state":"idle"}]}' GET '/v1/agents?fields=state,name'
expect "one that there is not, with the nearest" 400 "did you mean 'state'" GET '/v1/calls?fields=stat'
expect "the node is listed" 200 '"name":"a1"' GET /v1/nodes
expect "status tells of it" 200 '"verdict":"node a1 down ' GET /v1/status
expect "a membership ends" 200 '"agent":"1001"' DELETE /v1/queues/q/members/1001
expect "once" 404 no_such_member DELETE /v1/queues/q/members/1001
expect "an agent is removed" 200 removed DELETE /v1/agents/1001
expect "a queue too" 200 deleted DELETE /v1/queues/q
expect "figures for Prometheus" 200 'mqs_pool_state{state="ready"} 1' GET /metrics
expect "of each node" 200 'mqs_node_state{node="a1",state=' GET /metrics

expect "a queue is made" 201 '"closed":false' POST /v1/queues '{"name":"door"}'
expect "closed" 200 '"undo":"queue open door"' POST /v1/queues/door/close
expect "the export has it" 200 'closed yes' GET /v1/export
expect "opened" 200 '"closed":false' POST /v1/queues/door/open
expect "one that is not there" 404 no_such_queue POST /v1/queues/doors/close
expect "and deleted" 200 deleted DELETE /v1/queues/door

expect "the configuration, with what stands in the file" 200 '"option":"sse_max_bytes","value":"65536","from":"file"' GET /v1/config
expect "and what is a default" 200 '"option":"stream_max","value":"1000000","from":"default"' GET /v1/config
expect "secrets hidden" 200 '"option":"password","value":"***"' GET /v1/config
expect "the file is right" 200 '"changes":[]' GET /v1/config/check
cp "$TMP/mqsd.conf" "$TMP/mqsd.conf.kept"
sed -i 's/^sse_max_bytes.*/sse_max_bytes = 70000/; s/^domain.*/domain = other.example/; s/^password = x/password = y/' "$TMP/mqsd.conf"
expect "a change is told, and what takes it over" 200 '"is":"65536","file":"70000"' GET /v1/config/check
expect "no secret" 200 '"is":"***","file":"***"' GET /v1/config/check
echo 'nonsense = 1' >>"$TMP/mqsd.conf"
expect "a wrong file is told, with its line" 409 'mqsd.conf:15: unknown option' GET /v1/config/check
cp "$TMP/mqsd.conf.kept" "$TMP/mqsd.conf"
expect "the log's level" 200 '"level":"info","configured":"info"' GET /v1/log
expect "is set" 200 '"undo":"log level info"' PUT /v1/log '{"level":"debug"}'
expect "to one that there is" 400 bad_value PUT /v1/log '{"level":"loud"}'
expect "and back" 200 '"level":"info"' PUT /v1/log '{"level":"info"}'

expect "nodes are asked to be compared" 200 '"name":"a1"' POST /v1/reconcile
expect "one that is not there" 404 no_such_node POST /v1/nodes/a9/reconcile

new_case "errors"
expect "a priority has a range" 400 bad_value POST /v1/calls/1-1/priority '{"priority":101}'
expect "an unknown call has none" 404 no_such_call POST /v1/calls/1-1/priority '{"priority":1}'
expect "nor goes anywhere" 400 bad_name POST /v1/calls/1-1/move '{}'
expect "nor is offered" 404 no_such_call POST /v1/calls/1-1/offer '{"agent":"x"}'
expect "nor transferred" 404 no_such_call POST /v1/calls/1-1/transfer '{"queue":"x"}'
expect "nor has a story" 404 no_such_call GET /v1/calls/1700000000000000-0000001/trace
expect "an unknown agent" 404 no_such_agent GET /v1/agents/nobody
expect "an unknown queue" 404 no_such_queue PATCH /v1/queues/nope '{"timeout":1}'
expect "an unknown call" 404 no_such_call DELETE /v1/calls/1-1
expect "a path beside the table, with the nearest" 404 '/v1/agents.' GET /v1/agent
expect "another method, with those there are" 405 'Use GET POST' DELETE /v1/agents
expect "no JSON" 400 bad_json POST /v1/queues '{'
expect "no object" 400 bad_json POST /v1/queues '[]'
expect "a body beyond its bound" 413 too_large POST /v1/queues "$(head -c 3000 /dev/zero | tr '\0' x)"
expect "one far beyond it" 413 '' POST /v1/queues "$(head -c 100000 /dev/zero | tr '\0' x)"
expect "an encoded slash is no way up" 400 bad_path GET /v1/agents/..%2f..
expect "an encoded NUL neither" 400 bad_path GET /v1/agents/a%00b
expect "an event id that is none" 400 bad_since GET '/v1/events?since=--'
printf 'GET /%s HTTP/1.1\r\n\r\n' "$(head -c 40000 /dev/zero | tr '\0' x)" | socat -t 2 - "UNIX-CONNECT:$SOCKET" >"$TMP/long" 2>/dev/null
# The reply may be lost with the connection, which is closed while more is being sent.
check "an endless request line is refused" lacks "$TMP/long" no_such_route
check "mqsd serves on" health_is down

new_case "clients that do not wait, or do not wait their turn"
files=$(open_files)
rcli client pause 700 all
for i in 1 2 3 4 5 6 7 8; do
	curl -s -m 0.2 --unix-socket "$SOCKET" "http://mqsd/v1/agents?$i" >/dev/null &
	pids="$pids $!"
done
# Two requests at once on one connection: the second comes while the first waits for Redis.
printf 'GET /v1/agents HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/queues HTTP/1.1\r\nHost: x\r\n\r\n' >"$TMP/two"
# shellcheck disable=SC2094
{ cat "$TMP/two"; until_true 5 grep -q queues "$TMP/answers" 2>/dev/null; } |
	socat -t 5 - "UNIX-CONNECT:$SOCKET" >"$TMP/answers" 2>/dev/null
check "both of a pipeline are answered, in order" [ "$(grep -o '"agents"\|"queues"' "$TMP/answers" | tr -d '\n')" = '"agents""queues"' ]
files_are_back() { [ "$(open_files)" -le "$((files + 1))" ]; }
# Readers all the time, some of whom go in the middle: who changes something sees it in the next list.
for reader in 1 2 3 4 5; do
	while [ ! -e "$TMP/enough" ]; do
		curl -s -m "0.0$reader" --unix-socket "$SOCKET" http://mqsd/v1/agents >/dev/null
	done &
	pids="$pids $!"
done
seen=0
for n in 1 2 3 4 5 6 7 8 9 10; do
	api POST /v1/agents "{\"name\":\"seen$n\"}"
	api GET /v1/agents
	case $reply in *"\"seen$n\""*) seen=$((seen + 1)) ;; esac
	api DELETE "/v1/agents/seen$n"
	api GET /v1/agents
	case $reply in *"\"seen$n\""*) ;; *) seen=$((seen + 1)) ;; esac
done
: >"$TMP/enough"
check "each change is in the list that its maker gets next, while others list, too" [ $seen = 20 ]
check "those who left hold nothing" until_true 10 files_are_back
check "mqsd serves on" serving

new_case "event streams"
stream() { # stream FILE [QUERY]: into a file, in the background
	curl -s -N --unix-socket "$SOCKET" "http://mqsd/v1/events${2:-}" >"$1" &
	stream_pid=$!
	pids="$pids $stream_pid"
}
api POST /v1/queues '{"name":"before"}'
stream "$TMP/live"
stream "$TMP/all" '?since=0-0'
check "since 0-0 brings the past" until_true 10 grep -q '"queue":"before"' "$TMP/all"
in_live() {
	api POST /v1/queues '{"name":"live"}'
	api DELETE /v1/queues/live
	grep -q '"queue":"live"' "$TMP/live"
}
check "a stream brings what happens" until_true 10 in_live
check "but not the past" lacks "$TMP/live" before
check "an event has an id, a name and data" sh -c "grep -q '^id: [0-9]*-[0-9]*' '$TMP/live' && grep -q '^event: queue_created' '$TMP/live' && grep -q '^data: {' '$TMP/live'"
id=$(sed -n 's/^id: //p' "$TMP/all" | head -n 1)
stream "$TMP/after" "?since=$id"
check "since an id brings what follows it" until_true 10 grep -q '"queue":"before"' "$TMP/after"
check "and not that one" lacks "$TMP/after" "^id: $id\$"

# One of the two connections that bring events comes back before the other, which Redis has no room for: what
# happens in between is not lost. One redis-cli stays, so that the number of Redis' clients does.
mkfifo "$TMP/say"
redis-cli -s "$TMP/redis.sock" <"$TMP/say" >>"$TMP/said" 2>&1 &
pids="$pids $!"
exec 4>"$TMP/say"
clients() {
	: >"$TMP/said"
	printf 'client list\nping\n' >&4
	until_true 5 grep -q PONG "$TMP/said"
	grep -c "^id=" "$TMP/said"
}
client_with() { sed -n "s/^id=\([0-9]*\) .*cmd=\($1\) .*/\1/p" "$TMP/said" | head -n 1; }
clients_are() { [ "$(clients)" = "$1" ]; }
probe() { echo "xadd $KEY * json '{\"event\":\"probe\",\"n\":\"$1\"}'" >&4; }
probe before-the-break
check "a stream lives" until_true 10 grep -q before-the-break "$TMP/live"
n=$(clients)
echo "config set maxclients $((n - 1))" >&4
echo "client kill id $(client_with xread)" >&4
check "the follower is away" until_true 10 clients_are $((n - 1))
sleep 4 # until it tries again every two seconds only
clients >/dev/null
echo "client kill id $(client_with 'xrange\|xrevrange')" >&4
sleep 0.3 # for the kill to be seen; that the other is back is waited for
check "the other is back first" until_true 20 clients_are $((n - 1))
echo "config set maxclients 1000" >&4
probe in-between
check "the follower is back" until_true 20 clients_are "$n"
probe after-it
check "what came after it is brought" until_true 20 grep -q after-it "$TMP/live"
check "and what came before it" until_true 10 grep -q in-between "$TMP/live"
check "once" [ "$(grep -c in-between "$TMP/live")" = 1 ]
exec 4>&-

# A reader that stands still: curl blocks on a FIFO that nobody empties.
mkfifo "$TMP/fifo"
exec 3<>"$TMP/fifo"
curl -s -N --unix-socket "$SOCKET" http://mqsd/v1/events >"$TMP/fifo" &
stopped=$!
pids="$pids $stopped"
until_true 10 sh -c "[ \$(find /proc/$mqsd_pid/fd | wc -l) -ge $((files + 4)) ]"
flood() { # flood N: N events of about 1 kB
	rcli eval "for i = 1, $1 do redis.call('XADD', KEYS[1], '*', 'json', '{\"event\":\"flood\",\"n\":' .. i .. ',\"pad\":\"' .. string.rep('x', 1000) .. '\"}') end" 1 "$KEY"
}
# 30 at a time, so that a reader that keeps up never has the bound's worth before it.
i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	flood 30
	want=$((i * 30))
	until_true 10 sh -c "[ \$(grep -c '^event: flood' '$TMP/live') -ge $want ]" || break
done
check "a reader that keeps up gets all of 1,800 events" [ "$(grep -c '^event: flood' "$TMP/live")" = 1800 ]
check "each once" [ "$(sed -n 's/^id: //p' "$TMP/live" | sort | uniq -d | wc -l)" = 0 ]
check "one that stands still is cut off" until_true 10 grep -q 'bytes behind; cut off' "$LOG"
check "and stalls nothing" serving
exec 3>&-

new_case "Redis away"
kill "$redis_pid"
wait "$redis_pid" 2>/dev/null
check "health says down, with 200" until_true 10 health_is down
until_true 10 pool_is closed
expect "reading is refused, and why" 503 no_redis GET /v1/agents
expect "what callers hear meanwhile is said" 503 'Callers keep waiting' POST /v1/queues '{"name":"q"}'
expect "figures without what Redis knows" 200 'mqs_redis_up 0' GET /metrics
check "which is not made up" lacks "$TMP/reply" mqs_calls
expect "status says it in words" 200 'does not answer' GET /v1/status
check "the pool is closed, it says, too" grep -q 'the pool is closed, no call is offered' "$TMP/reply"
lines=$(wc -l <"$TMP/live")
start_redis
check "the pool is opened again" until_true 30 pool_is ready
more_live() {
	api POST /v1/queues '{"name":"again"}'
	api DELETE /v1/queues/again
	[ "$(wc -l <"$TMP/live")" -gt "$lines" ] && grep -q '"queue":"again"' "$TMP/live"
}
check "and the streams go on" until_true 20 more_live

new_case "the end"
kill "$mqsd_pid"
wait "$mqsd_pid"
check "mqsd ends with 0, streams open or not" [ $? = 0 ]
check "its socket is gone" [ ! -e "$SOCKET" ]
check "no sanitizer spoke" sanitizers_are_quiet "$LOG"
done_testing
