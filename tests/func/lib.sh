# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# What the functional tests share: one lab of real servers, phones made of SIPp, the event stream as a
# file, and waiting with a deadline instead of sleeping. Source it, call lab_up, then check_* and `done_testing`.

BIN=${MQS_BIN:-$PWD/build/bin}
CRASH=${MQS_CRASH:-$PWD/build/crash/bin/mqsd}
SIP=$PWD/tests/func/sip
TMP=$(mktemp -d "${TMPDIR:-/tmp}/mqs-func.XXXXXX")
LAB=$TMP/lab
EVENTS=$TMP/events
INSIDE= # in front of phones, in a lab of network namespaces
HOST=127.0.0.1
passed=0
failed=0
pids=
mark=1
pool_is_broken=no # a test that writes into Redis behind mqsd's back says yes
port=$((20000 + $$ % 7000))

# Pids come again after 32,768 others, sooner than a long test ends: only a child of this shell is ours to end.
shell_pid=$$
end_ours() { # end_ours PID [SIGNAL]
	[ "$(ps -o ppid= -p "$1" 2>/dev/null | tr -d ' ')" = "$shell_pid" ] && kill -"${2:-TERM}" "$1" 2>/dev/null
}

cleanup() {
	trap - EXIT INT TERM HUP
	for p in $pids; do end_ours "$p"; done
	for p in $pids; do wait "$p" 2>/dev/null; done
	[ "$failed" = 0 ] && rm -rf "$TMP" || echo "kept for a look: $TMP"
}
trap cleanup EXIT
trap 'failed=$((failed + 1)); exit 1' INT TERM HUP

ok() { passed=$((passed + 1)); echo "ok   $*"; }
not_ok() { failed=$((failed + 1)); echo "FAIL $*"; }
check() { # check TEXT COMMAND...
	text=$1
	shift
	if "$@"; then ok "$text"; else not_ok "$text"; fi
}
# That something is not there says nothing where there is nothing to look at.
lacks() { # lacks FILE [GREP OPTION...] PATTERN: the file is there, and has no such line
	searched=$1
	shift
	grep -q "$@" "$searched"
	[ $? = 1 ]
}
says_no() { # says_no PATTERN COMMAND...: the command succeeds, and says no such line
	pattern=$1
	shift
	"$@" >"$TMP/says" 2>&1 && lacks "$TMP/says" -- "$pattern"
}

# until_true SECONDS COMMAND...: polls ten times a second.
until_true() {
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

json() { # json KEY < one line of JSON: a top-level or only string/number of that name
	sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1
}

lab_ready() { grep -q '"ready": *true' "$LAB/lab.json" 2>/dev/null; }
lab_value() { # lab_value SECTION KEY: from the pretty-printed lab.json
	if [ "$1" = mqsd ]; then node_value mqsd-1 "$2"; else sed -n "/\"$1\": *{/,/}/p" "$LAB/lab.json" | json "$2"; fi
}
node_value() { # node_value NODE KEY: of any server
	sed -n "/\"name\": *\"$1\"/,/}/p" "$LAB/lab.json" | json "$2"
}

lab_up() { # lab_up [OPTION...]
	"$BIN/loadtest" lab up --keep --lab "$LAB" --mqsd-bin "$BIN/mqsd" "$@" >"$TMP/lab.out" 2>&1 &
	lab_pid=$!
	pids="$pids $lab_pid"
	if ! until_true 120 lab_ready; then
		cat "$TMP/lab.out"
		not_ok "the lab comes up"
		done_testing
	fi
	export MQS_SOCKET="$LAB/mqsd.sock"
	KAMAILIO=$(lab_value kamailio sip)
	REDIS=$(lab_value redis address)
	case " $* " in *" --netns "*)
		INSIDE="$BIN/loadtest lab exec --lab $LAB" # its pid is that of the command
		HOST=$(json host <"$LAB/lab.json")
		;;
	esac
	case " $* " in *" --no-mqsd "*) ;; *) follow_events ;; esac
}

is_there() { "$BIN/mqsctl" status >/dev/null 2>&1; }
follow_events() { # from where the file ends, so that none is missed
	until_true 20 is_there
	last=$(grep '"event"' "$EVENTS" 2>/dev/null | tail -n 1 | json id)
	# shellcheck disable=SC2086 # two words or none
	"$BIN/mqsctl" --json events ${last:+since $last} >>"$EVENTS" 2>>"$TMP/events.err" &
	events_pid=$!
	pids="$pids $events_pid"
	# The stream is live when an event of our own comes back.
	until_true 10 stream_is_live
}
stream_is_live() { # an event of our own comes back
	"$BIN/mqsctl" queue create "probe$$" >/dev/null 2>&1
	"$BIN/mqsctl" --yes queue delete "probe$$" >/dev/null 2>&1
	tail -n 5 "$EVENTS" | grep -q "\"queue_deleted\"" 2>/dev/null
}

mqsctl() { "$BIN/mqsctl" --yes "$@"; } # nobody is there to be asked

# Events since new_case(), as lines of JSON; each further word must stand in the same line.
new_case() {
	echo "--- $*"
	mark=$(($(wc -l <"$EVENTS") + 1))
}
events_with() {
	lines=$(tail -n "+$mark" "$EVENTS")
	for word in "$@"; do lines=$(printf '%s\n' "$lines" | grep -F -- "$word"); done
	[ -n "$lines" ] && printf '%s\n' "$lines"
}
has_event() { events_with "$@" >/dev/null; }
no_event() { [ -s "$EVENTS" ] && ! has_event "$@"; }
count_events() { events_with "$@" | grep -c .; }
check_event() { # check_event TEXT WORD...: within 15 s
	text=$1
	shift
	if until_true 15 has_event "$@"; then
		ok "$text"
	else
		not_ok "$text (no event with: $*)"
		tail -n "+$mark" "$EVENTS" | tail -n 20 | sed 's/^/     /'
	fi
}

free_port() { # next UDP port that nobody has
	while :; do
		port=$((port + 1))
		grep -qi ":$(printf %04X "$port") " /proc/net/udp || break
	done
}

# agent NAME SCENARIO [SIPP OPTION...]: an agent in queue q whose phone plays the scenario, registered.
agent() {
	name=$1
	scenario=$2
	shift 2
	mqsctl agent add "$name" login register >/dev/null 2>&1
	mqsctl queue member add q "$name" >/dev/null
	phone "$name" "$scenario" "$@"
	register "$name" "$port" 300
}
phone() { # phone NAME SCENARIO [SIPP OPTION...]: only the phone; its pid in phone_pid, its port in port
	name=$1
	scenario=$2
	shift 2
	free_port
	$INSIDE sipp "$KAMAILIO" -i "$HOST" -p "$port" -sf "$SIP/$scenario.xml" -nostdin -aa \
		-trace_err -error_file "$TMP/phone-$name.err" -trace_msg -message_file "$TMP/phone-$name.msg" \
		"$@" >"$TMP/phone-$name.out" 2>&1 &
	phone_pid=$!
	pids="$pids $phone_pid"
	until_true 5 in_lab grep -qi ":$(printf %04X "$port") " /proc/net/udp
}
# All phones have one password, drawn for this test.
password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
phones_csv() { # phones_csv FILE: of the users on stdin, for SIPp; Kamailio knows their password from then on
	awk -v p="$password" 'BEGIN {print "SEQUENTIAL"} {print $1 ";[authentication username=" $1 " password=" p "]"}' >"$1"
	etc/kamailio/phone-password.sh -d "$LAB/kamailio" -a <"$1"
}
register() { # register NAME PORT EXPIRES
	contact=$2
	expires=$3
	name=$1
	save=$port
	free_port
	echo "$name" | phones_csv "$TMP/register-$name.csv"
	$INSIDE sipp "$KAMAILIO" -i "$HOST" -p "$port" -sf "$SIP/register.xml" -inf "$TMP/register-$name.csv" -m 1 -nostdin \
		-key contact "$contact" -key expires "$expires" \
		>"$TMP/register-$name.out" 2>&1 || echo "REGISTER of $name failed"
	port=$save
}
register_many() { # register_many FILE PORT EXPIRES: each name in the file, at the phone on that port
	many=$1
	contact=$2
	expires=$3
	phones_csv "$many.csv" <"$many"
	save=$port
	free_port
	$INSIDE sipp "$KAMAILIO" -i "$HOST" -p "$port" -sf "$SIP/register.xml" -inf "$many.csv" -m "$(grep -c . "$many")" \
		-r 100 -nostdin -key contact "$contact" -key expires "$expires" -timeout 20 -timeout_error >"$many.out" 2>&1
	status=$?
	port=$save
	return $status
}
drop_agent() { # drop_agent NAME PID
	end_ours "$2"
	wait "$2" 2>/dev/null
	mqsctl agent logout "$1" >/dev/null
	until_true 10 sh -c "'$BIN/mqsctl' --yes agent remove '$1' >/dev/null 2>&1"
}

# call_in NUMBER SCENARIO [SIPP OPTION...]: one caller of $queue; caller_pid ends with 0 when all went as scripted.
queue=q
call_in() {
	name=$1
	scenario=$2
	shift 2
	free_port
	$INSIDE sipp "$KAMAILIO" -i "$HOST" -p "$port" -sf "$SIP/$scenario.xml" -m 1 -nostdin -aa \
		-key number "$name" -key queue "$queue" -trace_err -error_file "$TMP/caller-$name.err" \
		-trace_msg -message_file "$TMP/caller-$name.msg" "$@" >"$TMP/caller-$name.out" 2>&1 &
	caller_pid=$!
	pids="$pids $caller_pid"
}
# callers_in PREFIX COUNT [SIPP OPTION...]: callers of $queue who stay, PREFIX1, PREFIX2... one after the other; all of one SIPp
callers_in() {
	prefix=$1
	count=$2
	shift 2
	sed "s/\[number\]/${prefix}[call_number]/g" "$SIP/caller-stays.xml" >"$TMP/callers-$prefix.xml"
	free_port
	$INSIDE sipp "$KAMAILIO" -i "$HOST" -p "$port" -sf "$TMP/callers-$prefix.xml" -m "$count" -l "$count" -r 25 -nostdin \
		-aa -key queue "$queue" -trace_err -error_file "$TMP/callers-$prefix.err" \
		-trace_msg -message_file "$TMP/callers-$prefix.msg" "$@" >"$TMP/callers-$prefix.out" 2>&1 &
	caller_pid=$!
	pids="$pids $caller_pid"
}
# What became of a caller, by the number it calls from.
state_of() { # state_of NUMBER: of that caller's call
	mqsctl --json call list | tr -d ' \n' | tr '{' '\n' | grep "\"number\":\"$1\"" |
		grep -o '"state":"[a-z]*"' | cut -d'"' -f4
}
is() { [ "$(state_of "$1")" = "$2" ]; }
ended() { # ended NUMBER REASON
	id=$(grep '"call_entered"' "$EVENTS" | grep -F "\"number\":\"$1\"" | tail -n 1 | json call)
	grep '"call_ended"' "$EVENTS" | grep -F "$id" | grep -q "\"reason\":\"$2\""
}
ended_well() { ends_well_within 240 "$1"; }
ends_well_within() { # ends_well_within SECONDS PID
	until_true "$1" sh -c "! kill -0 $2 2>/dev/null" && wait "$2"
}

# A command in the lab's network, which is ours but for --netns.
in_lab() { "$BIN/loadtest" lab exec --lab "$LAB" "$@"; }
lab() { # lab kill|term|start|stop|cont|cut|mend SERVER [SERVER]
	verb=$1
	shift
	"$BIN/loadtest" lab "$verb" --lab "$LAB" "$@"
}

rpc() { # rpc METHOD [PARAMS]: of Kamailio
	in_lab curl -s -m 5 -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":[${2:-}]}" "$(lab_value kamailio rpc)"
}
nodes() { grep -o '"name": *"a[0-9]*"' "$LAB/lab.json" | cut -d'"' -f4; }
new_calls_to() { # new_calls_to NODE|all
	for n in $(nodes); do
		state=ap
		[ "$1" = all ] || [ "$1" = "$n" ] || state=dx
		rpc dispatcher.set_state "\"$state\",1,\"sip:$(node_value "$n" sip)\"" >/dev/null
	done
}
hang_up_all() { # every call of the pool
	for id in $(mqsctl --json call list | tr -d ' \n' | grep -o '"id":"[^"]*"' | cut -d'"' -f4); do
		mqsctl call hangup "$id" >/dev/null 2>&1
	done
}

redis() { in_lab redis-cli -h "${REDIS%:*}" -p "${REDIS#*:}" "$@"; }

# An mqsd of a test's own beside the lab's servers: of $node, in $pool, its files in $dir. It can be told where to stop
# (mqsd/arrow.h) by $dir/orders/INSTANCE.
dir=
node=a1
pool=default
write_conf() { # write_conf INSTANCE
	mkdir -p "$dir/$1" "$dir/orders"
	cat >"$dir/$1.conf" <<END
[mqsd]
instance = $1
state_dir = $dir/$1
[control]
socket = $dir/$1.sock
[redis]
address = $REDIS
[pool]
name = $pool
[ari]
lease_ms = 1500
[sip]
domain = 127.0.0.1
[kamailio]
rpc = $(lab_value kamailio rpc)
[node $node]
url = $(node_value "$node" ari)
password = $(node_value "$node" password)
END
}
start_mqsd() { # start_mqsd INSTANCE: its pid in $dir/INSTANCE.pid
	MQS_ARROWS=$dir/orders "$CRASH" -f -c "$dir/$1.conf" >>"$dir/$1.log" 2>&1 &
	echo $! >"$dir/$1.pid"
	pids="$pids $!"
}

# Nothing of any call is left in Redis or on the nodes.
no_keys() { # no_keys PATTERN...: Redis answers, and has none
	for pattern in "$@"; do keys=$(redis --raw keys "$pattern") && [ -z "$keys" ] || return 1; done
}
redis_is_clean() {
	no_keys 'mqs:{default}:call:*' 'mqs:{default}:chan:*' 'mqs:{default}:on:*' 'mqs:{default}:offers:*' \
		'mqs:{default}:wait:*' 'mqs:{default}:live:*'
}
ari() { # ari NODE METHOD PATH
	in_lab curl -s -m 5 -u "$(node_value "$1" user):$(node_value "$1" password)" -X "$2" "$(node_value "$1" ari)/ari/$3"
}
# What the node has sent to a waiting caller says whether there is music: 50 packets a second, or none.
sent_to() { # sent_to NUMBER: packets
	at=$(mqsctl --json call list | tr -d ' \n' | tr '{' '\n' | grep "\"number\":\"$1\"")
	ari "$(printf '%s\n' "$at" | json node)" GET "channels/$(printf '%s\n' "$at" | json channel)/rtp_statistics" | json txcount
}
hears_music() {
	before=$(sent_to "$1")
	sleep 0.5
	after=$(sent_to "$1")
	[ "${before:-0}" -gt 0 ] && [ $((after - before)) -ge 15 ]
}
nodes_are_clean() {
	for n in $(nodes); do
		[ "$(ari "$n" GET channels)" = "[]" ] || return 1
		[ "$(ari "$n" GET bridges)" = "[]" ] || return 1
	done
}
check_clean() {
	if until_true 10 redis_is_clean; then ok "nothing is left in Redis"; else
		not_ok "nothing is left in Redis"
		redis --raw keys '*' | sed 's/^/     /'
	fi
	check "nothing is left on the nodes" until_true 10 nodes_are_clean
}

# What the pool's events, Redis and the nodes say, held against the checker's rules. With --end nothing may be left.
invariants_hold() {
	"$BIN/loadtest" check --lab "$LAB" "$@" >"$TMP/invariants" 2>&1 && return 0
	sed 's/^/     /' "$TMP/invariants"
	return 1
}

# Sanitizers speak in the log of the mqsd that they watch, leaks at its end.
sanitizers_are_quiet() { # sanitizers_are_quiet LOG
	[ -s "$1" ] && lacks "$1" "AddressSanitizer\|LeakSanitizer\|runtime error"
}

done_testing() {
	if [ -e "$LAB/log/mqsd.log" ]; then
		[ "$pool_is_broken" = yes ] || check "the invariants hold" invariants_hold
		kill "$lab_pid" 2>/dev/null
		wait "$lab_pid" 2>/dev/null
		check "no sanitizer spoke" sanitizers_are_quiet "$LAB/log/mqsd.log"
	fi
	cleanup
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit $?
}
