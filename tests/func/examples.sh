#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The EXAMPLES of the manual pages, run against an mqsd with a Redis of its own and no Asterisk. What a page shows as
# output must come. Those of mqs-loadtest.1 take minutes and real servers each: lab.sh, soak.sh and chaos.sh run their
# like.
set -u
. tests/func/lib.sh

here=$PWD
SOCKET=$TMP/mqsd.sock
export MQS_SOCKET="$SOCKET" HOME="$TMP"
: >"$EVENTS"
mkdir "$TMP/state" "$TMP/path"
ln -s "$BIN/mqsctl" "$BIN/mqsd" "$TMP/path/"
PATH=$TMP/path:$PATH

umask 077
: >"$TMP/tokens"
cat >"$TMP/mqsd.conf" <<END
[mqsd]
state_dir = $TMP/state
[control]
socket = $SOCKET
token_file = $TMP/tokens
[redis]
address = unix:$TMP/redis.sock
[ari]
password = x
[sip]
domain = pbx.example
[node a1]
url = http://127.0.0.1:1
END
redis-server --port 0 --unixsocket "$TMP/redis.sock" --save '' --dir "$TMP" >"$TMP/redis.log" 2>&1 &
pids="$pids $!"
redis_answers() { redis-cli -s "$TMP/redis.sock" ping >"$TMP/out" 2>&1; }
until_true 10 redis_answers
"$BIN/mqsd" -c "$TMP/mqsd.conf" -f >"$TMP/mqsd.log" 2>&1 &
pids="$pids $!"
pool_is_ready() { "$BIN/mqsctl" --json status 2>/dev/null | tr -d ' \n' | grep -q '"state":"ready"'; }
until_true 20 pool_is_ready || { cat "$TMP/mqsd.log"; not_ok "mqsd is ready"; done_testing; }

# examples PAGE: "command TAB text" and "output TAB text" of its EXAMPLES, in their order; a command that ends in a
# backslash or a bar goes on in the next line. Text without any command is "text".
examples() {
	awk '
	function put(kind, s) { gsub(/\\e/, "\\", s); gsub(/\\-/, "-", s); print kind "\t" s }
	function flush() { if (command != "") put("command", command); command = "" }
	$1 == ".Sh" { inside = $2 == "EXAMPLES" }
	!inside { next }
	$1 == ".Bd" { literal = 1; any = 0; next }
	$1 == ".Ed" { flush(); literal = 0; next }
	$1 == ".Dl" && $2 ~ /^[$#]$/ { put("command", substr($0, 7)); next }
	!literal { next }
	command ~ /[|]$/ { command = command " " $0; next }
	command ~ /\\e$/ { sub(/\\e$/, " ", command); command = command $0; next }
	/^[$#] / { flush(); command = substr($0, 3); any = 1; next }
	any { flush(); put("output", $0); next }
	{ put("text", $0) }' "$here/man/$1"
}

# What has to be there before, and what cannot be as the page has it.
allowed=0
prepare() { # prepare COMMAND
	allowed=0
	case $1 in
	*sales.mqs*)
		mqsctl queue delete sales >"$TMP/out" 2>&1
		for a in 1001 1002; do mqsctl agent remove "$a" >"$TMP/out" 2>&1; done
		examples mqsctl.8 | sed -n 's/^command\tmqsctl \(.*sales\|agent add\)/\1/p' | grep '^[qa]' >sales.mqs
		;;
	*"call hangup"*) allowed=1 ;; # there is no such call
	*"node check"*) allowed=1 ;;  # its node is none
	*events*) allowed=124 ;;      # goes on until it is ended
	esac
}

run() { # run COMMAND: as written, but for the places of files and the answer to a question
	command=$(printf '%s\n' "$1" | sed "s#/run/mqs/mqsd.sock#$SOCKET#; s#/etc/mqs/mqsd.conf#$TMP/mqsd.conf#; s#call hangup#& --yes#; s#sudo -u [a-z]* mqsd#mqsd -c $TMP/mqsd.conf#")
	timeout 3 sh -c "$command" >"$TMP/out" 2>&1
	status=$?
	[ "$status" = "$allowed" ] && return 0
	# A pipeline ends with the status of its last command.
	[ "$allowed" = 124 ] && [ "$status" = 0 ] && return 0
	sed 's/^/     /' "$TMP/out"
	return 1
}

cd "$TMP" || exit 1
tab=$(printf '\t')
for page in mqsctl.8 mqsd.8 mqs-api.7 mqs-events.7; do
	echo "--- $page"
	examples "$page" >"$TMP/examples"
	check "$page has examples" grep -q ^command "$TMP/examples"
	while IFS=$tab read -r kind text <&3; do
		case $kind in
		command)
			case $text in *systemctl*) continue ;; esac # nothing of the machine's own is touched
			prepare "$text"
			check "$text" run "$text"
			;;
		output) check "it says: $text" grep -qxF -- "$text" "$TMP/out" ;;
		esac
	done 3<"$TMP/examples"
done

mqsd_takes_it() { "$BIN/mqsd" -n -c "$TMP/example.conf" >"$TMP/out" 2>&1; }
echo "--- mqsd.conf.5"
examples mqsd.conf.5 | sed -n 's/^text\t//p' >"$TMP/example.conf"
check "mqsd.conf.5 has one" grep -q '^\[node a2\]' "$TMP/example.conf"
check "mqsd takes it" mqsd_takes_it
cd "$here" || exit 1
check "no sanitizer spoke" lacks "$TMP/mqsd.log" "AddressSanitizer\|runtime error"
done_testing
