#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who may do what: each route with a token of each role, users of the Unix socket by their groups, wrong tokens. An
# mqsd with a Redis of its own and no Asterisk.
set -u
. tests/func/lib.sh

SOCKET=$TMP/mqsd.sock
LOG=$TMP/mqsd.log
ROUTES=${MQS_ROUTES:-$PWD/build/tests/print_routes}
export MQS_SOCKET="$SOCKET"
chmod 755 "$TMP"

redis-server --port 0 --unixsocket "$TMP/redis.sock" --save '' --dir "$TMP" >"$TMP/redis.log" 2>&1 &
pids="$pids $!"

# api TOKEN METHOD PATH: status in $status, body in $reply; a token of "" is not shown
api() {
	status=$(curl -s -m 20 --unix-socket "$SOCKET" ${1:+-H "Authorization: Bearer $1"} -X "$2" -D "$TMP/head" \
		-o "$TMP/reply" -w '%{http_code}' "http://mqsd$3")
	reply=$(cat "$TMP/reply")
}
expect() { # expect TEXT STATUS WORD TOKEN METHOD PATH
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
serving() { curl -s -m 2 --unix-socket "$SOCKET" http://mqsd/v1/health >/dev/null; }
start() { # start GROUPS: an mqsd with these options of [control]
	mkdir -p "$TMP/state"
	cat >"$TMP/mqsd.conf" <<END
[mqsd]
state_dir = $TMP/state
[control]
socket = $SOCKET
token_file = $TMP/tokens
$1
[redis]
address = unix:$TMP/redis.sock
[node a1]
url = http://127.0.0.1:1
END
	"$BIN/mqsd" -c "$TMP/mqsd.conf" -f >>"$LOG" 2>&1 &
	mqsd_pid=$!
	pids="$pids $mqsd_pid"
}
stop() {
	kill "$mqsd_pid"
	wait "$mqsd_pid"
}

new_case() { echo "--- $*"; }
new_case "tokens are made"
start ''
wait "$mqsd_pid"
check "without its file of tokens mqsd does not start" [ $? = 1 ]
check "and says how it is made" grep -q "mqsd -T makes it" "$LOG"
for role in viewer supervisor admin intercept; do
	token=$("$BIN/mqsd" -c "$TMP/mqsd.conf" -T "$role" "$role" 2>/dev/null)
	eval "$role=\$token"
	check "one of role $role" [ ${#token} = 47 ]
	check "which is not in the file" lacks "$TMP/tokens" -F -- "$token"
done
elsewhere=$("$BIN/mqsd" -c "$TMP/mqsd.conf" -T elsewhere viewer,admin@other 2>/dev/null)
check "the file is its owner's alone" [ "$(stat -c %a "$TMP/tokens")" = 600 ]
"$BIN/mqsd" -c "$TMP/mqsd.conf" -T admin viewer >/dev/null 2>"$TMP/err"
check "no name twice" grep -q "already" "$TMP/err"
"$BIN/mqsd" -c "$TMP/mqsd.conf" -T boss boss >/dev/null 2>"$TMP/err"
check "no role that there is not" grep -q "'boss' is no role" "$TMP/err"
chmod 644 "$TMP/tokens"
start ''
wait "$mqsd_pid"
check "a file that others may read is refused" grep -q "chmod 600" "$LOG"
chmod 600 "$TMP/tokens"

new_case "each route with each role"
start ''
until_true 10 serving || { cat "$LOG"; not_ok "mqsd serves its API"; done_testing; }
check "who may open the socket may do everything" [ "$(stat -c %a "$SOCKET")" = 660 ]
expect "its user needs no token" 200 '"instance"' '' GET /v1/health
includes() { # includes ROLE NEEDED
	case $1:$2 in
	*:viewer | supervisor:supervisor | admin:supervisor | admin:admin | intercept:intercept) true ;;
	*) false ;;
	esac
}
# A name that nothing has, so that what is allowed changes nothing.
"$ROUTES" | sed 's/{[a-z]*}/nobody/g' >"$TMP/routes"
check "there are routes" [ "$(grep -c . "$TMP/routes")" -gt 20 ]
faults=0
while read -r method path needed; do
	for role in viewer supervisor admin intercept; do
		# What streams or stops is only tried where it is refused.
		case $path in /v1/events) [ $role != viewer ] || continue ;; esac
		eval "token=\$$role"
		[ "$path" = /v1/events ] && path='/v1/events?since=x'
		api "$token" "$method" "$path"
		if includes $role "$needed"; then
			case $status in 401 | 403 | 000) wrong=yes ;; *) wrong=no ;; esac
		else
			case $status$reply in 403*'"forbidden"'*"needs the role $needed"*) wrong=no ;; *) wrong=yes ;; esac
		fi
		[ $wrong = no ] || { faults=$((faults + 1)); echo "     $role: $method $path ($needed): $status $reply"; }
	done
done <"$TMP/routes"
check "each is open to the roles that its row includes, and to no other" [ $faults = 0 ]
# shellcheck disable=SC2154 # assigned by eval
expect "the refusal says who has what" 403 'the token viewer has viewer in the pool default' "$viewer" POST /v1/queues
expect "a role of another pool is none here" 403 'elsewhere has viewer' "$elsewhere" POST /v1/queues
expect "what there is not stays 404" 404 no_such_route "$viewer" GET /v1/nothing

new_case "who did what is written down"
AUDIT=$TMP/state/audit.log
reloaded() { [ "$(grep -c 'configuration reloaded' "$LOG")" -ge "$1" ]; }
# shellcheck disable=SC2154 # assigned by eval
expect "an admin reads it" 200 '"entries"' "$admin" GET '/v1/audit?count=1000'
noted() { grep -F -- "$1" "$AUDIT" | grep -F -- "$2" | grep -qF -- "$3"; }
api "$admin" POST /v1/queues/nobody/members/nobody/pause
check "an edit with its token" noted '"name":"admin"' '"path":"/v1/queues/nobody/members/nobody/pause"' '"method":"POST"'
check "one that was refused, and why" noted '"name":"viewer"' '"status":403' '"code":"forbidden"'
api '' DELETE /v1/agents/nobody
check "one of a user of this machine" noted "\"from\":\"uid $(id -u)\"" '"path":"/v1/agents/nobody"' '"code":"no_such_agent"'
check "but nothing that only looks" lacks "$AUDIT" '"method":"GET".*"status":200'
check "no token is in it" lacks "$AUDIT" 'mqs_'
check "others may not read it" [ "$(stat -c %a "$AUDIT")" = 640 ]
mv "$AUDIT" "$AUDIT.1"
kill -HUP "$mqsd_pid"
check "moved aside, it is made anew at SIGHUP" until_true 10 [ -e "$AUDIT" ]
until_true 10 reloaded 1
# A file system without room: whoever is not root may not be able to make one.
full=$TMP/full
mkdir -p "$full"
if mount -t tmpfs -o size=4k none "$full" 2>/dev/null; then
	sed -i "s|^token_file|audit_log = $full/audit.log\n&|" "$TMP/mqsd.conf"
	head -c 4096 /dev/zero >"$full/audit.log"
	kill -HUP "$mqsd_pid"
	until_true 10 reloaded 2
	expect "with a full disk an edit is still made" 404 no_such_agent '' DELETE /v1/agents/nobody2
	check "an error says so" grep -q "audit: $full/audit.log cannot be written: No space left on device" "$LOG"
	check "and the line is in the log" grep -q 'audit: {.*nobody2' "$LOG"
	sed -i '/^audit_log/d' "$TMP/mqsd.conf"
	kill -HUP "$mqsd_pid"
	until_true 10 reloaded 3
	umount "$full"
fi

new_case "wrong tokens"
expect "a wrong one" 401 bad_token "${viewer}x" GET /v1/health
check "says what is wanted" grep -qi '^WWW-Authenticate: Bearer' "$TMP/head"
i=2
while [ $i -le 9 ]; do
	api wrong GET /v1/health
	i=$((i + 1))
done
check "nine are 401" [ "$status" = 401 ]
expect "the tenth is told to wait" 429 too_many_logins wrong GET /v1/health
check "and how long" grep -qi '^Retry-After: [1-9]' "$TMP/head"
expect "a right one is taken" 200 '"instance"' "$viewer" GET /v1/health
expect "without one the socket is as open as before" 200 '"instance"' '' GET /v1/health
check "the log says it once" [ "$(grep -c 'wrong tokens; it gets 429' "$LOG")" = 1 ]

new_case "tokens change"
sed -i '/^viewer /d' "$TMP/tokens"
fresh=$("$BIN/mqsd" -c "$TMP/mqsd.conf" -T fresh supervisor 2>/dev/null)
kill -HUP "$mqsd_pid"
known() { api "$1" GET /v1/health && [ "$status" = 200 ]; }
check "a new one opens after SIGHUP" until_true 10 known "$fresh"
expect "one taken back does not" 429 too_many_logins "$viewer" GET /v1/health
echo "broken line" >>"$TMP/tokens"
kill -HUP "$mqsd_pid"
check "a broken file is not taken over, with its line" until_true 10 grep -q "the old ones stay: $TMP/tokens:[0-9]*: " "$LOG"
check "and those of before stay" known "$fresh"
sed -i '/^broken/d' "$TMP/tokens"
stop

# Only root can be somebody else.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	new_case "users of the socket, by their groups"
	start 'admin_group = adm
supervisor_group = games
viewer_group = daemon'
	until_true 10 serving
	as() { # as GROUPS METHOD PATH: as user nobody, in groups by their number
		status=$(setpriv --reuid 65534 --regid 65534 --groups "$1" curl -s -m 20 --unix-socket "$SOCKET" -X "$2" \
			-o - -w ' %{http_code}' "http://mqsd$3" 2>"$TMP/err")
		reply=${status% *}
		status=${status##* }
	}
	may() { # may TEXT GROUPS STATUS METHOD PATH
		text=$1
		want=$3
		as "$2" "$4" "$5"
		if [ "$status" = "$want" ]; then ok "$text"; else not_ok "$text: $status $reply"; fi
	}
	gid() { getent group "$1" | cut -d: -f3; }
	may "a stranger may nothing" 65534 403 GET /v1/health
	case $reply in *'uid 65534'*' has none in the pool default'*) ok "and is told who it is" ;; *) not_ok "$reply" ;; esac
	may "a viewer looks" "$(gid daemon)" 200 GET /v1/health
	may "and no more" "$(gid daemon)" 403 POST /v1/agents/nobody/login
	may "a supervisor logs agents in" "$(gid games)" 404 POST /v1/agents/nobody/login
	may "and makes no queues" "$(gid games)" 403 POST /v1/queues
	may "an admin does" "$(gid daemon),$(gid adm)" 400 POST /v1/queues
	expect "root may all" 400 '' '' POST /v1/queues
	stop
	start 'admin_group = no-such-group'
	wait "$mqsd_pid"
	check "a group that there is not is an error" grep -q "admin_group: there is no group 'no-such-group'" "$LOG"
fi

check "no sanitizer spoke" sanitizers_are_quiet "$LOG"
done_testing
