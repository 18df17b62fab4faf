#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The control API over TCP: TLS and a token or nothing, mqsctl --url, and what attackers try at its door and at the
# Unix socket's. An mqsd with a Redis of its own and no Asterisk.
set -u
. tests/func/lib.sh

SOCKET=$TMP/mqsd.sock
LOG=$TMP/mqsd.log
FLOOD=${MQS_FLOOD:-$PWD/build/tests/flood}
FILES=1024 # mqsd may open so many, as a service of an old system may
new_case() { echo "--- $*"; }

redis-server --port 0 --unixsocket "$TMP/redis.sock" --save '' --dir "$TMP" >"$TMP/redis.log" 2>&1 &
pids="$pids $!"
while :; do
	port=$((port + 1))
	grep -qi ":$(printf %04X "$port") " /proc/net/tcp || break
done
URL=https://127.0.0.1:$port

# An authority, a certificate of it for 127.0.0.1, one of another for the same.
certificate() { # certificate NAME CA SUBJECT
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TMP/$1.key" -out "$TMP/$1.csr" \
		-subj "/CN=$3" 2>/dev/null
	printf 'subjectAltName=IP:127.0.0.1' >"$TMP/san"
	openssl x509 -req -in "$TMP/$1.csr" -CA "$TMP/$2.pem" -CAkey "$TMP/$2.key" -CAcreateserial -days 2 \
		-extfile "$TMP/san" -out "$TMP/$1.pem" 2>/dev/null
}
for ca in ca other; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TMP/$ca.key" -out "$TMP/$ca.pem" \
		-subj "/CN=$ca" -days 2 2>/dev/null
done
certificate first ca first
certificate second ca second
cp "$TMP/first.pem" "$TMP/cert.pem"
cp "$TMP/first.key" "$TMP/key.pem"

write_conf() { # write_conf LINES: of [control]
	cat >"$TMP/mqsd.conf" <<END
[mqsd]
state_dir = $TMP/state
[control]
socket = $SOCKET
body_max_bytes = 2048
$1
[redis]
address = unix:$TMP/redis.sock
[node a1]
url = http://127.0.0.1:1
END
}
mkdir -p "$TMP/state"
refuses() { # refuses TEXT PATTERN LINES: mqsd does not start, and says why
	write_conf "$3"
	timeout 20 "$BIN/mqsd" -c "$TMP/mqsd.conf" -f >"$TMP/refused" 2>&1
	status=$?
	if [ $status = 1 ] && grep -q -- "$2" "$TMP/refused"; then ok "$1"; else not_ok "$1: $status"; fi
}
new_case "no TCP without TLS and tokens"
listen="listen = 127.0.0.1:$port"
cert="tls_cert = $TMP/cert.pem"
key="tls_key = $TMP/key.pem"
tokens="token_file = $TMP/tokens"
refuses "listen alone is refused" 'listen needs tls_cert, tls_key and token_file' "$listen"
refuses "without a key" 'listen needs' "$listen
$cert
$tokens"
refuses "without tokens" 'listen needs' "$listen
$cert
$key"
refuses "without an address" 'is not ADDRESS:PORT' "listen = localhost
$cert
$key
$tokens"
write_conf "$listen
$cert
$key
$tokens"
viewer=$("$BIN/mqsd" -c "$TMP/mqsd.conf" -T viewer viewer 2>/dev/null)
admin=$("$BIN/mqsd" -c "$TMP/mqsd.conf" -T admin admin 2>/dev/null)
chmod 644 "$TMP/key.pem"
refuses "with a key that all may read" 'chmod o=' "$listen
$cert
$key
$tokens"
chmod 600 "$TMP/key.pem"
refuses "with the key of another" 'is no key that fits the certificate' "$listen
tls_cert = $TMP/second.pem
$key
$tokens"

write_conf "$listen
$cert
$key
$tokens
connections_max = 100
source_connections_max = 20"
(
	# shellcheck disable=SC3045 # each sh that is used here has it
	ulimit -n $FILES
	exec "$BIN/mqsd" -c "$TMP/mqsd.conf" -f
) >"$LOG" 2>&1 &
mqsd_pid=$!
pids="$pids $mqsd_pid"
serving() { [ "$(curl -s -m 5 --unix-socket "$SOCKET" -o "$TMP/health" -w '%{http_code}' http://mqsd/v1/health)" = 200 ]; }
far() { # far [CURL OPTION...] PATH: $status and $reply, over TLS
	status=$(curl -s -m 20 --cacert "$TMP/ca.pem" -o "$TMP/reply" -D "$TMP/head" -w '%{http_code}' "$@" 2>"$TMP/err")
	reply=$(cat "$TMP/reply")
}
expect() { # expect TEXT STATUS WORD [CURL OPTION...] PATH
	text=$1
	want=$2
	word=$3
	shift 3
	far "$@"
	case $status$reply in
	"$want"*"$word"*) ok "$text" ;;
	*) not_ok "$text: $status $reply (wanted $want and $word)" ;;
	esac
}
until_true 20 serving || { cat "$LOG"; not_ok "mqsd serves its API"; done_testing; }

new_case "over TCP"
expect "with a token it answers" 200 '"instance"' -H "Authorization: Bearer $viewer" "$URL/v1/health"
expect "without one it does not" 401 no_token "$URL/v1/health"
expect "nor says which paths there are" 401 no_token "$URL/v1/nothing"
expect "with a wrong one it does not" 401 bad_token -H 'Authorization: Bearer x' "$URL/v1/health"
expect "a role counts" 403 'needs the role admin' -H "Authorization: Bearer $viewer" -X POST "$URL/v1/queues"
status=$(curl -s -m 5 --cacert "$TMP/other.pem" -o "$TMP/reply" -w '%{http_code}' "$URL/v1/health")
check "its certificate is of our authority" [ "$status" = 000 ]
status=$(curl -s -m 5 -o "$TMP/reply" -w '%{http_code}' "http://127.0.0.1:$port/v1/health")
check "without TLS nothing is said" [ "$status" = 000 ]
says_tls() { openssl s_client -connect "127.0.0.1:$port" -CAfile "$TMP/ca.pem" "$@" </dev/null 2>/dev/null | grep -q 'Cipher is [A-Z]'; }
check "TLS 1.3 is spoken" says_tls -tls1_3
check "TLS 1.2 too" says_tls -tls1_2
check "but not 1.1" sh -c "! openssl s_client -connect 127.0.0.1:$port -tls1_1 -cipher 'ALL:@SECLEVEL=0' </dev/null 2>/dev/null | grep -q 'Cipher is [A-Z]'"

new_case "mqsctl"
unset MQS_SOCKET MQS_TOKEN MQS_URL MQS_CA
token_file() {
	printf '%s\n' "$1" >"$TMP/token"
	chmod 600 "$TMP/token"
}
token_file "$admin"
ctl() { "$BIN/mqsctl" --url "$URL" --ca "$TMP/ca.pem" "$@" >"$TMP/out" 2>"$TMP/err"; }
check "with a token from a file" ctl --token-file "$TMP/token" queue create far
check "from the environment" env MQS_TOKEN="$viewer" MQS_URL="$URL" MQS_CA="$TMP/ca.pem" "$BIN/mqsctl" queue show far >"$TMP/out"
MQS_TOKEN=$viewer ctl queue delete far --yes
check "a lesser role is told what is needed" [ $? = 1 ]
check "in words" grep -q 'DELETE /v1/queues/{queue} needs the role admin; the token viewer has viewer' "$TMP/err"
ctl queue list
check "without a token it is refused" [ $? = 1 ]
check "and told how to show one" grep -q 'MQS_TOKEN or --token-file' "$TMP/err"
"$BIN/mqsctl" --url "$URL" --ca "$TMP/other.pem" --token-file "$TMP/token" queue list 2>"$TMP/err"
check "a foreign certificate is no mqsd" [ $? = 3 ]
check "which it says" grep -q 'is not trusted' "$TMP/err"
chmod 644 "$TMP/token"
ctl --token-file "$TMP/token" queue list
check "a token that all may read is refused" grep -q 'chmod 600' "$TMP/err"
token_file "$viewer"
(ctl --token-file "$TMP/token" --json events count 1; cp "$TMP/out" "$TMP/streamed") &
streamer=$!
pids="$pids $streamer"
make_event() {
	"$BIN/mqsctl" -s "$SOCKET" queue create e >/dev/null 2>&1
	"$BIN/mqsctl" -s "$SOCKET" queue delete e --yes >/dev/null 2>&1
	! kill -0 "$streamer" 2>/dev/null
}
check "events stream over TLS" until_true 20 make_event
check "whole" grep -q '"queue_created"\|"queue_deleted"' "$TMP/streamed"

new_case "a new certificate"
cp "$TMP/second.key" "$TMP/key.pem"
cp "$TMP/second.pem" "$TMP/cert.pem"
kill -HUP "$mqsd_pid"
is_second() { openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | grep -q 'subject=CN = second'; }
check "is taken over by SIGHUP" until_true 10 is_second
echo broken >"$TMP/cert.pem"
kill -HUP "$mqsd_pid"
check "a broken one is not" until_true 10 grep -q 'certificate not reloaded, the old one stays' "$LOG"
check "and the one of before stays" is_second

new_case "path tricks"
near() { # near TEXT STATUS CODE PATH: over the Unix socket, the path as it stands here
	status=$(curl -s -m 20 --path-as-is --unix-socket "$SOCKET" -o "$TMP/reply" -w '%{http_code}' "http://mqsd$4")
	reply=$(cat "$TMP/reply")
	case $status$reply in "$2"*"$3"*) ok "$1" ;; *) not_ok "$1: $status $reply" ;; esac
}
near "an encoded slash" 400 bad_path '/v1/agents/..%2f..%2fetc'
near "dots" 400 bad_path '/v1/agents/../queues'
near "encoded dots" 400 bad_path '/v1/agents/%2e%2e/queues'
near "a backslash" 400 bad_path '/v1/agents/a%5c..'
near "NUL" 400 bad_path '/v1/agents/a%00b'
near "a line end" 400 bad_path '/v1/agents/a%0d%0aX-Y:%20z'
near "an overlong slash" 400 bad_path '/v1/agents/a%c0%afb'
near "escaped twice" 400 bad_path '/v1/agents/a%252fb'
near "two slashes" 400 bad_path '//v1/agents'
near "a path that does not end" 400 bad_path "/v1/agents/$(head -c 3000 /dev/zero | tr '\0' a)"
raw() { # raw TEXT STATUS REQUEST: the bytes as they stand
	printf '%b' "$3" | socat -t 3 - "UNIX-CONNECT:$SOCKET" >"$TMP/raw" 2>/dev/null
	if head -n 1 "$TMP/raw" | grep -q "HTTP/1.1 $2"; then ok "$1"; else not_ok "$1: $(head -c 300 "$TMP/raw")"; fi
}
raw "another host's" 400 'GET http://evil/v1/agents HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n'
raw "a raw line feed in it" 400 'GET /v1/a\ngents HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
raw "another method" '50[01]\|HTTP/1.1 405' 'TRACE /v1/agents HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
printf 'GET /v1/agents HTTP/1.1\r\nX: %s\r\n\r\n' "$(head -c 40000 /dev/zero | tr '\0' a)" |
	socat -t 3 - "UNIX-CONNECT:$SOCKET" >"$TMP/raw" 2>/dev/null
# The reply may be lost with the connection, which is closed while more is being sent.
check "a head beyond its bound is not served" lacks "$TMP/raw" "200 OK"

new_case "large bodies"
head -c 104857600 /dev/zero >"$TMP/body"
far -H "Authorization: Bearer $admin" -H Expect: -X POST -T "$TMP/body" "$URL/v1/queues"
case $status in 413 | 000) ok "100 MB are not taken ($status)" ;; *) not_ok "100 MB: $status $reply" ;; esac
far -H "Authorization: Bearer $admin" -H Expect: -H 'Transfer-Encoding: chunked' -X POST -T "$TMP/body" "$URL/v1/queues"
case $status in 413 | 000) ok "nor in chunks ($status)" ;; *) not_ok "100 MB: $status $reply" ;; esac
head -c 3000 /dev/zero | tr '\0' x >"$TMP/body"
expect "a little more than the bound is told so" 413 too_large -H "Authorization: Bearer $admin" -X POST --data-binary @"$TMP/body" "$URL/v1/queues"
rss() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$mqsd_pid/status"; }
check "it is no larger for that" [ "$(rss)" -lt 300000 ]

new_case "10,000 connections"
"$FLOOD" "127.0.0.1:$port" 10000 2 100 >"$TMP/flood" &
flood_pid=$!
pids="$pids $flood_pid"
slow=0
tries=0
while kill -0 "$flood_pid" 2>/dev/null; do
	serving || slow=$((slow + 1))
	tries=$((tries + 1))
done
wait "$flood_pid"
cat "$TMP/flood"
check "the Unix socket served all the while ($tries times)" [ $slow = 0 ]
check "they were all made" grep -q '^made 10000' "$TMP/flood"
check "of them at most as many as may be are held" [ "$(sed -n 's/^open //p' "$TMP/flood")" -le 100 ]
check "which the log says, not 10,000 times" [ "$(grep -c 'control: TCP: a connection of' "$LOG")" -lt 100 ]
answers() { far -H "Authorization: Bearer $viewer" "$URL/v1/health" && [ "$status" = 200 ]; }
check "and then TCP is served again" until_true 20 answers
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$TMP"
	chmod 666 "$SOCKET"
	cp "$FLOOD" "$TMP/flooder"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$TMP/flooder" "unix:$SOCKET" 10000 2 >"$TMP/flood" &
	flood_pid=$!
	pids="$pids $flood_pid"
	slow=0
	while kill -0 "$flood_pid" 2>/dev/null; do "$BIN/mqsctl" -s "$SOCKET" queue list >"$TMP/out" 2>"$TMP/err" || slow=$((slow + 1)); done
	wait "$flood_pid"
	cat "$TMP/flood"
	check "nor do as many on the Unix socket keep root out" [ $slow = 0 ]
	check "one user has at most 256" [ "$(sed -n 's/^open //p' "$TMP/flood")" -le 256 ]
fi

new_case "slow requests"
began=$(date +%s)
drip() { # a header each second, for ever
	printf 'GET /v1/health HTTP/1.1\r\n'
	while printf 'X-Y: z\r\n' 2>/dev/null; do sleep 1; done
}
drip | timeout 40 socat -t 1 - "UNIX-CONNECT:$SOCKET" >"$TMP/drip" 2>/dev/null
ended=$(date +%s)
check "a head that never ends is cut after 15 s ($((ended - began)) s)" [ $((ended - began)) -lt 30 ]
check "without an answer" lacks "$TMP/drip" 200
files() { find "/proc/$mqsd_pid/fd" 2>/dev/null | wc -l; }
few_files() { [ "$(files)" -le 40 ]; }
check "nothing of all that is left open" until_true 30 few_files
check "mqsd serves on" serving

kill "$mqsd_pid"
wait "$mqsd_pid"
check "mqsd ends with 0" [ $? = 0 ]
check "no sanitizer spoke" sanitizers_are_quiet "$LOG"
done_testing
