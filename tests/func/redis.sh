#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each way in which a real Redis can refuse, hang or go, with a caller talking, callers waiting and one coming while it
# lasts: said once, nobody dropped, everybody in order afterwards. At last Sentinel fails over.
set -u
. tests/func/lib.sh

LOG=$LAB/log/mqsd-1.log
nodes_are_clean() { [ "$(ari a1 GET channels)" = "[]" ] && [ "$(ari a1 GET bridges)" = "[]" ]; }
pool_is() { mqsctl --json status 2>/dev/null | tr -d ' \n' | grep -q "\"name\":\"default\",\"state\":\"$1\""; }
works() { mqsctl --json status 2>/dev/null | tr -d ' \n' | grep -q '"status":"ok"'; }
talking_is() { [ "$(mqsctl --json call list | tr -d ' \n' | grep -o '"state":"talking"' | grep -c .)" = "$1" ]; }
api_says() { curl -s -m 5 --unix-socket "$MQS_SOCKET" http://mqsd/v1/agents | grep -q "\"code\": *\"$1\""; }
lines() { tail -n "+$log_mark" "$LOG" | grep " redis .*$1" | grep -vc " over after "; }
said() { [ "$(lines "$1")" -gt 0 ]; }
callers_in_order() { # numbers of answered calls, in order
	grep '"call_answered"' "$EVENTS" | while read -r line; do
		id=$(printf '%s\n' "$line" | json call)
		grep '"call_entered"' "$EVENTS" | grep -F "$id" | head -n 1 | json number
	done | tr '\n' ' '
}

number=100
waiters=
newcomer() {
	number=$((number + 1))
	call_in $number caller-stays
	waiters="$waiters $caller_pid"
}
# trouble TITLE CODE WORDS BREAK CURE: WORDS are the log's, BREAK and CURE functions
trouble() {
	new_case "$1"
	log_mark=$(($(wc -l <"$LOG") + 1))
	words=$3
	cure=$5
	$4
	newcomer
	check "the log says: $words" until_true 10 said "$words"
	check "the API says $2" until_true 10 api_says "$2"
	# Several further attempts fail, and none of them is worth a line.
	sleep 1
	$cure
	check "it works again" until_true 20 works
	check_event "who came meanwhile has entered" call_entered "\"number\":\"$number\""
	check "it was said once" [ "$(lines "$words")" = 1 ]
	check "the talker talks" talking_is 1
}

fill() { redis config set maxmemory 1mb >/dev/null; }
unfill() { redis config set maxmemory 0 >/dev/null; }
hog() {
	redis config set busy-reply-threshold 100 >/dev/null
	redis eval "while true do end" 0 >/dev/null 2>&1 &
	pids="$pids $!"
}
unhog() { redis script kill >/dev/null; }
forbid() { redis acl setuser default -fcall -eval >/dev/null; }
allow() { redis acl setuser default +fcall +eval >/dev/null; }
demote() { redis replicaof 127.0.0.1 1 >/dev/null; }
promote() { redis replicaof no one >/dev/null; }
widow() { lab kill redis-2 >/dev/null; }
unwidow() { lab start redis-2 >/dev/null; }
halt() { lab stop redis >/dev/null; sleep 2; }
unhalt() { lab cont redis >/dev/null; }
slow_start() { # 8,000 keys, a quarter of a millisecond each
	redis eval "for i = 1, 8000 do redis.call('SET', 'other:' .. i, i) end" 0 >/dev/null
	echo "key-load-delay 250" >>"$LAB/redis.conf"
	lab kill redis >/dev/null
	lab start redis >/dev/null
}
nothing() { :; }

lab_up --nodes 1 --replicas 1 --sentinels 3
check "preflight finds nothing to say of the lab's Redis" says_no "Redis at" mqsctl status
mqsctl queue create q timeout 5 >/dev/null
sentinels() { # sentinels COMMAND...: to each
	sed -n '/"sentinels"/,/\]/s/.*"address": *"[^:]*:\([0-9]*\)".*/\1/p' "$LAB/lab.json" | while read -r port_of; do
		in_lab redis-cli -p "$port_of" "$@" >/dev/null
	done
}
patience() { sentinels sentinel set mqs down-after-milliseconds "$1"; }

patience 60000
agent 2001 agent-answers -d 0
talker=$phone_pid
call_in 100 caller-leaves -d 120000
talk_pid=$caller_pid
check "one talks" until_true 10 talking_is 1

trouble "OOM" redis_oom "has used up its maxmemory" fill unfill
trouble "BUSY" redis_busy "held up by a script" hog unhog
trouble "NOPERM" redis_noperm "does not allow our user" forbid allow
trouble "READONLY" redis_readonly "is a replica and takes no writes" demote promote
trouble "NOREPLICAS" redis_noreplicas "fewer replicas than" widow unwidow
trouble "silence for 3 s" no_redis "does not answer mqsd" halt unhalt
trouble "LOADING" redis_loading "is loading its data" slow_start nothing

new_case "the scripts are gone, and another version's are there"
libraries() { redis --raw function list | sed -n '/^library_name$/{n;p;}'; }
only_another() {
	redis function flush >/dev/null
	redis function load "#!lua name=mqs_another
redis.register_function('mqs_another_f', function() return 1 end)" >/dev/null
}
count_is() { [ "$(libraries | wc -l)" = "$1" ]; }
log_mark=$(($(wc -l <"$LOG") + 1))
ours=$(libraries)
check "there is one library" count_is 1
only_another
newcomer
check_event "the next caller has entered" call_entered "\"number\":\"$number\""
check "ours is back, and who may be using the other is let be" count_is 2
check "the pool was not closed for it" [ "$(tail -n "+$log_mark" "$LOG" | grep -c 'pool default is')" = 0 ]

new_case "connections are cut while scripts run"
log_mark=$(($(wc -l <"$LOG") + 1))
for _ in 1 2 3 4 5; do
	newcomer
	redis client kill type normal >/dev/null
done
check "it works again" until_true 20 works
check_event "the last has entered" call_entered "\"number\":\"$number\""
no_more_than() { [ "$(lines "$1")" -ge 1 ] && [ "$(lines "$1")" -le "$2" ]; }
check "not more is said than was cut" no_more_than "does not answer mqsd" 5
check "the talker talks" talking_is 1

new_case "Sentinel fails over"
patience 1000
newcomer
check_event "one more waits" call_entered "\"number\":\"$number\""
log_mark=$(($(wc -l <"$LOG") + 1))
lab kill redis >/dev/null
newcomer
REDIS=$(sed -n '/"replicas"/,/\]/p' "$LAB/lab.json" | json address)
check "the replica is used" until_true 20 said "$REDIS is up"
in_lab redis-cli -p "${REDIS#*:}" config set min-replicas-to-write 0 >/dev/null
check "it works again" until_true 20 works
check_event "the pool has recovered" recovery_done
check_event "who came meanwhile has entered" call_entered "\"number\":\"$number\""
check "that there was no answer was said once" [ "$(lines "does not answer mqsd")" = 1 ]
check "the talker talks" talking_is 1
check "what is missing now is said" sh -c "'$BIN/mqsctl' status | grep -q 'no replica is connected'"

new_case "everybody is answered"
agent 2002 agent-leaves -d 50
leaver=$phone_pid
for p in $waiters; do ended_well "$p" || not_ok "a waiting caller's phone saw a whole call"; done
# Callers that were started together arrive in whatever order the dialplans stamped them.
want=$(grep '"call_entered"' "$EVENTS" | grep -v '"number":"100"' |
	sed 's/.*"number":"\([0-9]*\)".*"entered_ms":\([0-9]*\).*/\2 \1/' | sort -n -u | cut -d' ' -f2 | tr '\n' ' ')
order=$(callers_in_order)
check "in the order of arrival: $order" [ "$order" = "100 $want" ]
# Its end comes from the agent: the caller's side would stay for two minutes.
mqsctl call list | sed -n 's/^\([0-9-]*\) .*/\1/p' | while read -r id; do mqsctl call hangup "$id" >/dev/null; done
wait "$talk_pid"
drop_agent 2001 "$talker"
drop_agent 2002 "$leaver"
check_clean

new_case "a new mqsd and the scripts of an old one"
lab kill mqsd-1 >/dev/null
only_another
lab start mqsd-1 >/dev/null
only_ours() { [ "$(libraries)" = "$ours" ]; }
check "a new mqsd brings ours and removes the other" until_true 10 only_ours
check "it works" until_true 20 works
done_testing
