#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No secret of mqsd's is in its log, its arguments, what it prints or answers, its copy, its audit log, or to be had
# from its process. An mqsd with a Redis of its own, with passwords for everything, that is refused by all others.
set -u
. tests/func/lib.sh

SOCKET=$TMP/mqsd.sock
LOG=$TMP/mqsd.log
export MQS_SOCKET="$SOCKET"
new_case() { echo "--- $*"; }
mkdir "$TMP/state" "$TMP/home"
chmod 755 "$TMP"
printf 'user default off\nuser mqs on >pw-of-redis ~mqs:* &mqs:* +@all -@admin +info +role +config|get\n' >"$TMP/acl"
redis-server --port 0 --unixsocket "$TMP/redis.sock" --unixsocketperm 777 --aclfile "$TMP/acl" --save '' --dir "$TMP" \
	>"$TMP/redis.log" 2>&1 &
pids="$pids $!"
# What answers as a node says no to every password.
while :; do
	port=$((port + 1))
	grep -qi ":$(printf %04X "$port") " /proc/net/tcp || break
done
cat >"$TMP/deny.sh" <<'END'
while read -r line && [ ${#line} -gt 1 ]; do :; done
printf 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'
sleep 1
END
socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "EXEC:sh $TMP/deny.sh" 2>/dev/null &
pids="$pids $!"
cat >"$TMP/mqsd.conf" <<END
[mqsd]
state_dir = $TMP/state
log_level = debug
[control]
socket = $SOCKET
token_file = $TMP/state/tokens
[redis]
address = unix:$TMP/redis.sock
user = mqs
password = pw-of-redis
sentinel_password = pw-of-sentinel
[ari]
password = pw-of-ari
[node a1]
url = http://127.0.0.1:$port
[node a2]
url = http://127.0.0.1:$port
user = other
password = pw-of-node
END
chmod 644 "$TMP/mqsd.conf"
token=$("$BIN/mqsd" -c "$TMP/mqsd.conf" -T someone viewer 2>"$TMP/told")
as= # root runs it as somebody who is not
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	as="setpriv --reuid 65534 --regid 65534 --clear-groups"
	chown -R 65534 "$TMP/state" "$TMP/home"
	chmod 777 "$TMP"
fi
secrets() { printf '%s\n' pw-of-redis pw-of-sentinel pw-of-ari pw-of-node "${token#mqs_}" "$(printf mqs:pw-of-ari | base64)" \
	"$(printf other:pw-of-node | base64)"; }
secrets >"$TMP/secrets"
check "there are secrets to look for" [ "$(grep -c ........ "$TMP/secrets")" = 7 ]
keeps() { # keeps TEXT FILE: nothing in it is a secret, and it is there
	if [ -s "$2" ] && lacks "$2" -aFf "$TMP/secrets"; then ok "$1"; else not_ok "$1: $(grep -aFf "$TMP/secrets" "$2" | head -n 3)"; fi
}
# shellcheck disable=SC2086,SC3045 # words, or none; each sh that is used here has ulimit -c
(cd "$TMP/home" && ulimit -c unlimited 2>/dev/null; exec $as "$BIN/mqsd" -c "$TMP/mqsd.conf" -f) >"$LOG" 2>&1 &
mqsd_pid=$!
pids="$pids $mqsd_pid"
ready() { curl -s -m 5 --unix-socket "$SOCKET" http://mqsd/v1/health 2>/dev/null | grep -q '"state":"ready"'; }
check "an ACL user of Redis suffices" until_true 40 ready
check "a wrong password of ARI is called one" until_true 40 grep -q "wrong ARI user or password\|401" "$LOG"

new_case "what it prints and answers"
"$BIN/mqsd" -n -c "$TMP/mqsd.conf" >"$TMP/printed" 2>&1
keeps "mqsd -n" "$TMP/printed"
check "which shows that there are" [ "$(grep -c '= \*\*\*$' "$TMP/printed")" -ge 4 ]
get() { curl -s -m 10 --unix-socket "$SOCKET" -H "$2" "http://mqsd$1"; echo; }
"${MQS_ROUTES:-$PWD/build/tests/print_routes}" | sed 's/{[a-z]*}/a1/g' | while read -r method path _; do
	[ "$method" != GET ] || [ "$path" = /v1/events ] || get "$path" 'X-Y: z'
done >"$TMP/answers"
{
	get /v1/status "Authorization: Bearer $token"
	get /v1/status "Authorization: Bearer ${token}x"
	curl -s -m 10 --unix-socket "$SOCKET" -X POST -d '{"name":"n","url":"x","password":"pw-of-node"}' http://mqsd/v1/nodes
} >>"$TMP/answers"
keeps "all that can be asked" "$TMP/answers"
"$BIN/mqsctl" status >"$TMP/status" 2>&1
"$BIN/mqsctl" doctor >>"$TMP/status" 2>&1
keeps "mqsctl status and doctor" "$TMP/status"

new_case "what it leaves"
keeps "its audit log" "$TMP/state/audit.log"
"$BIN/mqsctl" queue create q >/dev/null
until_true 15 [ -s "$TMP/state/default.export" ]
keeps "its copy of the pool" "$TMP/state/default.export"
keeps "its file of tokens, which has hashes" "$TMP/state/tokens"
redis-cli -s "$TMP/redis.sock" --user mqs --pass pw-of-redis --no-auth-warning --raw eval \
	"local all = '' for _, k in ipairs(redis.call('KEYS', 'mqs:*')) do if redis.call('TYPE', k).ok == 'hash' then all = all .. k .. table.concat(redis.call('HGETALL', k), ' ') end end return all" 0 >"$TMP/redis.keys" 2>&1
keeps "what it has in Redis" "$TMP/redis.keys"

new_case "its process"
tr '\0' '\n' <"/proc/$mqsd_pid/cmdline" >"$TMP/cmdline"
keeps "its arguments" "$TMP/cmdline"
tr '\0' '\n' <"/proc/$mqsd_pid/environ" >"$TMP/environ"
keeps "its environment" "$TMP/environ"
check "it may leave no core" grep -q '^Max core file size *0  *0 ' "/proc/$mqsd_pid/limits"
if [ -n "$as" ]; then
	# shellcheck disable=SC2086 # words
	check "not even its own user reads its memory" sh -c "! $as cat /proc/$mqsd_pid/maps >/dev/null 2>&1"
	check "which it could of another process" sh -c "$as sh -c 'sleep 5 & cat /proc/\$!/maps; kill \$!' >/dev/null 2>&1"
fi

kill -HUP "$mqsd_pid"
until_true 10 grep -q "configuration reloaded" "$LOG"
kill "$mqsd_pid"
wait "$mqsd_pid"
check "mqsd ends with 0" [ $? = 0 ]
keeps "its log, at level debug" "$LOG"
check "no sanitizer spoke" sanitizers_are_quiet "$LOG"
done_testing
