#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The lab's own life: up, status, logs, down; two at once; nothing is left behind however it ends; a
# server that does not start is shown. Without mqsd: that part is seen by every other functional test.
set -u
. tests/func/base.sh
LOADTEST=$BIN/loadtest
# Labs that name no directory go here, and so does the sweep.
export TMPDIR="$TMP/base"
mkdir "$TMPDIR"
labs=
tidy() {
	for lab in $labs; do "$LOADTEST" lab down --lab "$lab" >/dev/null 2>&1; done
}

until_true() { # until_true SECONDS COMMAND...: polls ten times a second
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

runs() { # a zombie runs no more
	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -n "$state" ] && [ "$state" != Z ]
}

descendants() { # of PID, itself included
	echo "$1"
	for d in $(tr ' ' '\n' 2>/dev/null <"/proc/$1/task/$1/children"); do descendants "$d"; done
}

# Those that name the directory on their command line; the bracket keeps grep from finding itself.
processes_of() { grep -l "[/]${1#/}" /proc/[0-9]*/cmdline 2>/dev/null | wc -l; }

none_runs() { # none_runs PID...
	for p in "$@"; do
		if runs "$p"; then return 1; fi
	done
}

runs_all() { # PID and its descendants: none is stopped
	for p in $(descendants "$1"); do grep -q '^State:.[RSD]' "/proc/$p/status" || return 1; done
}

is_ready() { grep -q '"ready": true' "$1/lab.json" 2>/dev/null; }
all_pids() { sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$1/lab.json"; }
supervisor() { sed -n 's/^ "pid": \([0-9]*\).*/\1/p' "$1/lab.json"; }
addresses() { sed -n 's/.*"\(sip\|rpc\|ari\|address\)": "\(.*\)".*/\2/p' "$1/lab.json"; }

# start NAME [OPTION...]: in the foreground of a job; its pid in `job`, its directory in `lab`.
# SIGINT is ignored in a shell's background jobs, so the lab is started through env.
start() {
	lab=$TMP/$1
	shift
	labs="$labs $lab"
	env --default-signal=INT "$LOADTEST" lab up --no-mqsd --lab "$lab" "$@" >"$lab.out" 2>&1 </dev/null &
	job=$!
}

ended_by() { # ended_by NAME SIGNAL TARGET: the lab NAME got SIGNAL; nothing of it may be left
	pids="$(descendants "$(supervisor "$lab")") $(all_pids "$lab")"
	check "$1: the lab has servers and their workers" [ "$(echo "$pids" | wc -w)" -gt 15 ]
	kill -"$2" "$3"
	# shellcheck disable=SC2086 # a list of pids
	check "$1: no process is left" until_true 10 none_runs $pids
}

echo "--- up, status, logs, down"
start one
check "the lab gets ready" until_true 120 is_ready "$lab"
check "its directory is private" [ "$(stat -c %a "$lab")" = 700 ]
check "its servers show in /proc" [ "$(processes_of "$lab")" -gt 4 ]
"$LOADTEST" lab status --lab "$lab" >"$TMP/status"
check "status is good" [ $? = 0 ]
check "status shows the four servers" [ "$(grep -c -E '^(redis|kamailio|a1|a2) .* [0-9]+  [0-9.]+ +[0-9]+$' "$TMP/status")" = 4 ]
check "Asterisk is new enough" grep -q -E '^a1 .* 22\.(1[0-9]|[2-9][0-9])\.|^a1 .* 2[3-9]\.' "$TMP/status"
"$LOADTEST" lab logs --lab "$lab" a1 >"$TMP/logs"
check "logs of one server" grep -q '^a1 .*Asterisk Ready' "$TMP/logs"
check "no other server's" [ "$(grep -c -v '^a1 ' "$TMP/logs")" = 0 ]

echo "--- a second lab at the same time"
first=$lab
first_job=$job
lab=$TMP/two
labs="$labs $lab"
# Through a pipe: a detached lab must not hold it open.
timeout 60 "$LOADTEST" lab up --no-mqsd --nodes 1 --detach --lab "$lab" 2>&1 | cat >"$lab.out"
check "a detached lab gets ready" is_ready "$lab"
check "no address is used twice" [ "$(addresses "$first" "$lab" | sort | uniq -d | wc -l)" = 0 ]
check "a directory in use is refused" [ "$("$LOADTEST" lab up --no-mqsd --lab "$lab" 2>&1 | grep -c 'runs in')" = 1 ]
pids="$(descendants "$(supervisor "$lab")") $(all_pids "$lab")"
check "down" "$LOADTEST" lab down --lab "$lab"
# shellcheck disable=SC2086
check "down returns when all is gone" none_runs $pids
check "down leaves no directory" [ ! -e "$lab" ]
lab=$first
check "the first lab still runs" "$LOADTEST" lab status --lab "$lab"

echo "--- a server dies"
redis=$(sed -n '/"redis"/,/}/s/.*"pid": \([0-9]*\).*/\1/p' "$lab/lab.json")
kill -KILL "$redis"
check "its death is told by name" until_true 5 grep -q "redis (pid $redis) ended with signal 9" "$lab.out"
check "status is bad" [ "$("$LOADTEST" lab status --lab "$lab" >/dev/null; echo $?)" = 1 ]

echo "--- Ctrl-C, SIGHUP, kill -9 of the supervisor"
ended_by SIGINT INT "$first_job"
wait "$first_job"
check "SIGINT: the lab's end is no failure" [ $? = 0 ]
check "SIGINT: no directory is left" until_true 5 [ ! -e "$lab" ]

start three --nodes 1
check "a lab for SIGHUP" until_true 60 is_ready "$lab"
ended_by SIGHUP HUP "$job"

timeout 60 "$LOADTEST" lab up --no-mqsd --nodes 1 --detach >"$TMP/four.out" 2>&1
lab=$(sed -n 's/^The lab is in \(.*\)\. .*/\1/p' "$TMP/four.out")
labs="$labs $lab"
check "a lab without a name for SIGKILL" is_ready "$lab"
ended_by SIGKILL KILL "$(supervisor "$lab")"
check "SIGKILL: the directory is left" [ -e "$lab/lab.json" ]

echo "--- every kind of server, each in a namespace of its own; what is done to them on purpose"
lab_do() { "$LOADTEST" lab "$@"; }
pid_of() { sed -n "/\"name\": \"$1\"/,/}/s/.*\"pid\": \([0-9]*\).*/\1/p" "$lab/lab.json"; }
address_of() { sed -n "/\"name\": \"$1\"/,/}/s/.*\"address\": \"\(.*\)\".*/\1/p" "$lab/lab.json"; }
answers() { # answers SERVER [FROM]: PING over the lab's network
	a=$(address_of "$1")
	[ "$(lab_do exec --lab "$lab" --at "${2:-kamailio}" timeout 1 redis-cli -h "${a%:*}" -p "${a#*:}" ping)" = PONG ]
}
is_settled() { is_ready "$1" || ! kill -0 "$job" 2>/dev/null; }
silent() { ! answers "$@" 2>/dev/null; }
row() { lab_do status --lab "$lab" | grep -q -E "$@"; }
refused() { # refused SENTENCE COMMAND...
	sentence=$1
	shift
	lab_do "$@" 2>&1 | grep -q "^loadtest: $sentence"
}
start five --nodes 1 --replicas 1 --sentinels 1 --netns
until_true 60 is_settled "$lab"
if ! grep -q "namespaces can.t be made here" "$lab.out"; then
	check "a lab of namespaces gets ready" is_ready "$lab"
	pids="$(descendants "$(supervisor "$lab")") $(all_pids "$lab")"
	check "the replica follows" [ "$(lab_do exec --lab "$lab" redis-cli -h 10.0.0.11 -p "$(address_of redis-2 | cut -d: -f2)" role | head -n 1)" = slave ]
	check "its address is nobody else's" [ "$(ip -o addr | grep -c '10\.0\.0\.10/')" = 0 ]
	check "Redis is reached" answers redis
	lab_do cut --lab "$lab" redis
	check "cut: silence" silent redis
	check "the process goes on" row '^redis .* [0-9]+  7.*cut$'
	lab_do mend --lab "$lab" redis
	check "mended: reached again" until_true 5 answers redis
	lab_do cut --lab "$lab" redis kamailio
	check "cut between two: silence" silent redis
	check "others still reach it" answers redis a1
	lab_do mend --lab "$lab" redis kamailio
	check "mended between two" until_true 5 answers redis
	old=$(pid_of a1)
	lab_do kill --lab "$lab" a1
	check "killed: gone, and said to be so" row '^a1 .* killed '
	check "killed: no death in the log" sh -c "[ -s '$lab.out' ] && ! grep -q 'a1 .pid' '$lab.out'"
	check "twice is refused" refused "a1 is down already" kill --lab "$lab" a1
	lab_do start --lab "$lab" a1
	check "started again, it answers" until_true 30 row '^a1 .* [0-9]+  22[^-]*$'
	check "with another pid" [ "$(pid_of a1)" != "$old" ]
	lab_do stop --lab "$lab" kamailio
	check "stopped: all of its processes" [ "$(for p in $(descendants "$(pid_of kamailio)"); do sed -n 's/^State:.\(.\).*/\1/p' "/proc/$p/status"; done | sort -u)" = T ]
	lab_do cont --lab "$lab" kamailio
	check "and they go on" until_true 5 runs_all "$(pid_of kamailio)"
	check "an unknown server is refused" refused "no server a9" stop --lab "$lab" a9
	kill -KILL "$(supervisor "$lab")"
	# shellcheck disable=SC2086
	check "SIGKILL of the supervisor: no process and no namespace is left" until_true 10 none_runs $pids
	check "nor an interface of it" [ "$(ip -o link | grep -c -E ' (lab|s0|s1):| s0@')" = 0 ]
else
	echo "     not tested: $(tail -n 1 "$lab.out")"
fi

echo "--- a server that does not start"
cp -r etc "$TMP/etc"
echo 'no such statement' >>"$TMP/etc/kamailio/kamailio.cfg"
start six --etc "$TMP/etc"
wait "$job"
check "the lab fails" [ $? = 1 ]
check "it names the server" grep -q '^loadtest: kamailio ended with status' "$lab.out"
check "it shows the server's log" grep -q '^kamailio | .*parse error in config file' "$lab.out"
check "it leaves no directory" [ ! -e "$lab" ]
check "it leaves no process" [ "$(processes_of "$lab")" = 0 ]
check "the killed lab's directory was swept" [ "$(find "$TMP/base" -name lab.json | wc -l)" = 0 ]
