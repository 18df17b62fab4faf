#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Bad input: each gets a clear error that says what to do, and nothing is lost.
set -u
. tests/func/lib.sh

logged() { grep -F -- "$1" "$LAB/log/mqsd.log" >/dev/null; }
second_log() { grep -F -- "$1" "$TMP/second.log" >/dev/null; }
no_node_up() { mqsctl --json status | tr -d ' ' | grep -q '"up":0'; }
raw() { # raw FILE: the bytes of a file as one UDP packet to Kamailio
	socat -u "FILE:$1" "UDP4-SENDTO:$KAMAILIO" 2>/dev/null
}
is_printable() { (export LC_ALL=C && lacks "$1" "[[:cntrl:]]"); }

lab_up --nodes 2
mqsctl queue create q timeout 2 >/dev/null

# start_second SED-EXPRESSION: another mqsd with an edited copy of the lab's configuration
start_second() {
	sed -e "s|^instance *=.*|instance = second|" -e "s|$LAB/mqsd.sock|$TMP/second.sock|" \
		-e "s|^state_dir *=.*|state_dir = $TMP/second|" -e "$1" "$LAB/mqsd.conf" >"$TMP/second.conf"
	: >"$TMP/second.log"
	"$BIN/mqsd" -c "$TMP/second.conf" -f >"$TMP/second.log" 2>&1 &
	second_pid=$!
	pids="$pids $second_pid"
}
stop_second() {
	kill "$second_pid" 2>/dev/null
	until_true 10 sh -c "! kill -0 $second_pid 2>/dev/null"
	wait "$second_pid" 2>/dev/null
	check "no sanitizer spoke" sanitizers_are_quiet "$TMP/second.log"
}

new_case "configuration"
for bad in "s|^instance *=.*|instanze = x|=did you mean" "s|^address *=.*|address = |=characters" \
	"s|^\[pool\]|[redis]|=given twice" "s|^\[ari\]|[arri]|=did you mean"; do
	start_second "${bad%=*}"
	wait "$second_pid"
	check "mqsd ends with 1" [ $? = 1 ]
	check "the error names file and line: ${bad##*=}" grep -q "second.conf:[0-9]*: .*${bad##*=}" "$TMP/second.log"
done

new_case "Redis is down at start"
start_second "s|^address *=.*|address = 127.0.0.1:1|"
check "mqsd waits and says so" until_true 10 second_log "connecting again until it answers"
check "its health says down" sh -c "until MQS_SOCKET='$TMP/second.sock' '$BIN/mqsctl' --json status | tr -d ' ' | grep -q '\"status\":\"down\"'; do kill -0 $second_pid || exit 1; done"
stop_second

new_case "ARI: wrong password, wrong port"
alone="s|^name *=.*|name = elsewhere|; s|^\\[node a\\([12]\\)\\]|[node b\\1]|" # nodes of its own names, in a pool of its own
start_second "$alone; s|^password *=.*|password = wrong|"
check "a wrong password is called one" until_true 10 second_log "wrong ARI user or password"
stop_second
start_second "$alone; s|^url *=.*|url = http://127.0.0.1:1|"
check "a closed port is called dead, and by its name" until_true 10 second_log "node b1 is dead: connection refused"
stop_second
check "the lab's own mqsd did not notice" sh -c "'$BIN/mqsctl' --json status | tr -d ' \n' | grep -q '\"status\":\"ok\"'"

new_case "names from strangers reach no terminal, log line, header or key unescaped"
printf 'INVITE sip:q@%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKevil1\r\nFrom: "a\033[31mb\\"\377\200" <sip:+49%%0d%%0a30@127.0.0.1>;tag=1\r\nTo: <sip:q@127.0.0.1>\r\nCall-ID: evil-1@x\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.1:9>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n' "$KAMAILIO" >"$TMP/evil"
raw "$TMP/evil"
{
	printf 'INVITE sip:q@%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKevil2\r\nFrom: "' "$KAMAILIO"
	head -c 8192 /dev/zero | tr '\0' 'A'
	printf '" <sip:long@127.0.0.1>;tag=1\r\nTo: <sip:q@127.0.0.1>\r\nCall-ID: evil-2@x\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.1:9>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n'
} >"$TMP/evil2"
raw "$TMP/evil2"
call_in 30 caller-leaves -d 1500
c=$caller_pid
check_event "a decent caller is served as before" call_entered '"number":"30"'
for f in "$LAB/log/mqsd.log" "$EVENTS"; do
	check "no control character in ${f##*/}" is_printable "$f"
done
mqsctl call list >"$TMP/list"
check "none on the operator's terminal" is_printable "$TMP/list"
redis --raw keys '*' >"$TMP/keys"
check "none in Redis' keys" is_printable "$TMP/keys"
check "the decent caller's phone saw a whole call" ended_well "$c"

new_case "another program's data under our keys"
mqsctl agent add 3001 >/dev/null
pool_is_broken=yes
redis set 'mqs:{default}:agents' hello >/dev/null
check "the API refuses" sh -c "! '$BIN/mqsctl' agent add 3002 >'$TMP/refusal' 2>&1"
check "says what it found" grep -q "holds a string" "$TMP/refusal"
check "and has changed nothing" [ "$(redis --raw get 'mqs:{default}:agents')" = hello ]
redis del 'mqs:{default}:agents' >/dev/null

new_case "SIGHUP: a good file is taken over, a bad one changes nothing"
conf=$LAB/mqsd.conf
sed -i -e "s|^\\[mqsd\\]|[mqsd]\nlog_level = debug|" -e "s|^password *=.*|&x|" "$conf"
kill -HUP "$(lab_value mqsd pid)"
check "taken over" until_true 10 logged "configuration reloaded from"
check "what waits for a restart is named" until_true 10 logged "it is taken over at the next restart"
echo "no option" >>"$conf"
kill -HUP "$(lab_value mqsd pid)"
check "the broken one is not, and says where" until_true 10 logged "configuration not reloaded, the old one stays: $conf:"
check "it serves on" mqsctl status

done_testing
