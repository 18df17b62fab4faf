#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Attacks on the SIP edge, message by message: others' addresses, wrong and replayed passwords, strangers' calls, our own
# headers from outside, a forged call, a message too large, a flood while a registered phone calls.
set -u
. tests/func/lib.sh

# Addresses that are in no list; the lab's trunk is 127.0.0.1.
PHONE=127.0.0.2
STRANGER=127.0.0.3
FLOODER=127.0.0.9
number=0

md5() { printf '%s' "$1" | md5sum | cut -d' ' -f1; }
# message METHOD URI USER TO [HEADER...]: a request of that user. Its Call-ID is a word of its own: $word.
message() {
	method=$1
	uri=$2
	user=$3
	to=$4
	shift 4
	number=$((number + 1))
	word=door$$x$number
	printf '%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n' "$method" "$uri" "$word"
	printf 'From: <sip:%s@127.0.0.1>;tag=1\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n' "$user" "$to" "$word" "$number" "$method"
	for header in "$@"; do printf '%s\r\n' "$header"; done
	printf 'Content-Length: 0\r\n\r\n'
}
tell() { # tell ADDRESS[:PORT]: the message on stdin from there; what comes back within a second is in $TMP/said
	# A node is probed all the time.
	timeout 3 socat -b 65536 -t 1 -T 1 - "UDP4:$KAMAILIO,bind=$1,reuseaddr" >"$TMP/said" 2>>"$TMP/socat.err"
}
send() { # send ADDRESS[:PORT] METHOD URI USER TO [HEADER...]
	from=$1
	shift
	message "$@" >"$TMP/message"
	tell "$from" <"$TMP/message"
}
says() { grep -q "^SIP/2.0 $1" "$TMP/said"; }
silent() { [ ! -s "$TMP/said" ]; }
# answer HEADER USER PASSWORD: the header that answers the challenge in $TMP/said to the last message's method and uri
answer() {
	nonce=$(sed -n 's/.*nonce="\([^"]*\)".*/\1/p' "$TMP/said" | head -n 1)
	response=$(md5 "$(md5 "$2:mqs:$3"):$nonce:00000001:c:auth:$(md5 "$method:$uri")")
	printf '%s: Digest username="%s", realm="mqs", nonce="%s", uri="%s", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"' \
		"$1" "$2" "$nonce" "$uri" "$response"
}
contact() { echo "Contact: <sip:x@127.0.0.1:$1>"; }
# register_as USER PASSWORD TO CONTACT_PORT: challenged, then answered; the second message stays in $TMP/register
register_as() {
	message REGISTER sip:mqs "$3" "<sip:$3@mqs>" "$(contact "$4")" >"$TMP/register"
	tell "$PHONE" <"$TMP/register"
	message REGISTER sip:mqs "$3" "<sip:$3@mqs>" "$(contact "$4")" "$(answer Authorization "$1" "$2")" >"$TMP/register"
	tell "$PHONE" <"$TMP/register"
}
contacts_of() { sqlite3 -readonly "$LAB/kamailio/mqs-contacts.db" "select count(*) from location where username = '$1' $2"; }
# What differs between any two replies.
shape() { sed 's/nonce="[^"]*"/nonce/; s/tag=[^;>]*/tag/g; s/branch=[^;]*/branch/; s/rport=[0-9]*/rport/; s/^Call-ID.*//; s/[0-9]* REGISTER/REGISTER/; s/sip:[0-9]*@/sip:@/g' "$TMP/said"; }
# listen NAME: a party that only listens, on $port; what it got is in $TMP/NAME.got
listen() {
	free_port
	: >"$TMP/$1.got"
	socat -u -b 65536 "UDP4-RECV:$port,bind=127.0.0.1,reuseaddr" "OPEN:$TMP/$1.got,append" &
	listen_pid=$!
	pids="$pids $listen_pid"
	until_true 5 grep -qi ":$(printf %04X "$port") " /proc/net/udp
}
got() { until_true 5 grep -q "$2" "$TMP/$1.got"; } # got NAME PATTERN

lab_up --nodes 1
printf '1001\n1002\n' | phones_csv "$TMP/phones.csv"
mqsctl queue create q >/dev/null
for n in 1001 1002; do
	mqsctl agent add $n login register >/dev/null
	mqsctl queue member add q $n >/dev/null
done

new_case "registering"
register_as 1001 "$password" 1001 6001
check "a phone registers" says 200
check "the agent is there" [ "$(contacts_of 1001 '')" = 1 ]
register_as 1001 "$password" 1002 6002
check "not for another's address" says 403
check "who has no contact" [ "$(contacts_of 1002 '')" = 0 ]
register_as 1001 wrong 1001 6003
check "not with a wrong password" says 401
shape >"$TMP/wrong"
register_as 9999 wrong 9999 6003
check "not for a user that there is not" says 401
shape >"$TMP/unknown"
check "both get the same answer" cmp -s "$TMP/wrong" "$TMP/unknown"
send "$PHONE" REGISTER sip:mqs 1002 "<sip:1002@mqs>" "$(contact 6004)"
send "$PHONE" REGISTER sip:mqs 1002 "<sip:1002@mqs>" "$(contact 6004)" "$(answer Authorization 1001 "$password")" \
	'Proxy-Authorization: Digest username="1002", realm="other", nonce="n", uri="u", response="00000000000000000000000000000000"'
check "a name in another header is of no use" says 401

new_case "replayed"
register_as 1001 "$password" 1001 6001
check "an answer is good once" says 200
sed "s/branch=z9hG4bK/&x/; s/:6001/:6666/" "$TMP/register" | tell "$PHONE"
check "not twice" says 401
check "the contact is the phone's" [ "$(contacts_of 1001 "and contact like '%:6666%'")" = 0 ]

new_case "strangers' calls"
send "$STRANGER" INVITE "sip:q@127.0.0.1" 1 "<sip:q@127.0.0.1>" "$(contact 9)"
check "to a queue: who are you?" says 407
send "$STRANGER" INVITE "sip:1001@127.0.0.1" 1 "<sip:1001@127.0.0.1>" "$(contact 9)"
check "to an agent: the same" says 407
send "$STRANGER" INVITE "sip:9999@127.0.0.1" 1 "<sip:9999@127.0.0.1>" "$(contact 9)"
check "to nobody: the same" says 407

new_case "our headers"
listen phone
phone_port=$port
register_as 1001 "$password" 1001 "$phone_port"
listen node
node_port=$port
rpc dispatcher.add "1,\"sip:127.0.0.1:$node_port\",0,0,\"duid=a9\"" >/dev/null
rpc dispatcher.set_state "\"dx\",1,\"sip:$(node_value a1 sip)\"" >/dev/null
rpc dispatcher.set_state "\"ax\",1,\"sip:127.0.0.1:$node_port\"" >/dev/null
send 127.0.0.1 INVITE "sip:trunk@127.0.0.1" 1 "<sip:trunk@127.0.0.1>" "$(contact 9)" 'X-MQS-Priority: 99' 'x-mqs-user: 1002' \
	'X-MQS-Call: 1.2' 'X-MQS-Try: 7'
check "a trunk's call comes to a node" got node '^INVITE sip:trunk@'
check "without them" says_no '^X-MQS-\(Priority\|User\|Call\)\|^x-mqs\|^X-MQS-Try: 7' cat "$TMP/node.got"
check "with Kamailio's own" grep -q '^X-MQS-Try: [0-9]' "$TMP/node.got"
rpc dispatcher.set_state "\"ax\",1,\"sip:127.0.0.1:$node_port\"" >/dev/null
send "$PHONE" INVITE "sip:phone@127.0.0.1" 1002 "<sip:phone@127.0.0.1>" "$(contact 9)"
send "$PHONE" INVITE "sip:phone@127.0.0.1" 1002 "<sip:phone@127.0.0.1>" "$(contact 9)" "$(answer Proxy-Authorization 1001 "$password")" \
	'X-MQS-Priority: 99' 'X-MQS-User: 1002' 'P-Asserted-Identity: <sip:1002@mqs>'
check "a phone's call, too" got node '^INVITE sip:phone@'
check "without them" says_no '^X-MQS-\(Priority\|User\)' cat "$TMP/node.got"
check "its number is its user's" grep -q '^P-Asserted-Identity: <sip:1001@' "$TMP/node.got"
check "no other" says_no '^P-Asserted-Identity: <sip:1002@\|^Proxy-Authorization' cat "$TMP/node.got"
# A node's own call, from its address and port.
end_ours "$listen_pid"
send "127.0.0.1:$node_port" INVITE "sip:1001@127.0.0.1" 1 "<sip:1001@127.0.0.1>" "$(contact "$node_port")" 'X-MQS-Call: 1.2' 'X-MQS-Priority: 99'
check "an agent's phone is rung" got phone '^INVITE'
check "and gets the leg's id" grep -q '^X-MQS-Call: 1.2' "$TMP/phone.got"
check "nothing more" says_no '^X-MQS-Priority' cat "$TMP/phone.got"
rpc dispatcher.remove "1,\"sip:127.0.0.1:$node_port\"" >/dev/null
rpc dispatcher.set_state "\"ap\",1,\"sip:$(node_value a1 sip)\"" >/dev/null

new_case "a call that there is not"
send "$STRANGER" INVITE "sip:forged@127.0.0.1:$phone_port" 1 "<sip:forged@127.0.0.1>;tag=2" "Route: <sip:$KAMAILIO;lr>" "$(contact 9)"
check "it goes nowhere" says 481
send 127.0.0.1 INVITE "sip:forged@127.0.0.1:$phone_port" 1 "<sip:forged@127.0.0.1>;tag=2" "Route: <sip:$KAMAILIO;lr>" "$(contact 9)"
check "nor from a trunk" says 481
send 127.0.0.1 INVITE "sip:1001@127.0.0.1" forged "<sip:1001@127.0.0.1>" "$(contact 9)"
check "no phone hears of it, or of a trunk's call to its agent" says_no forged cat "$TMP/phone.got"

new_case "too large"
send "$STRANGER" OPTIONS "sip:127.0.0.1" 1 "<sip:127.0.0.1>" "X-Filler: $(head -c 17000 /dev/zero | tr '\0' x)"
check "refused" says 513
send "$STRANGER" OPTIONS "sip:127.0.0.1" 1 "<sip:127.0.0.1>" "X-Filler: $(head -c 15000 /dev/zero | tr '\0' x)"
check "a smaller one is not" says 200

new_case "a flood"
heard() {
	send "$FLOODER" OPTIONS "sip:127.0.0.1" 1 "<sip:127.0.0.1>"
	says 200
}
not_heard() { ! heard && silent; }
check "heard before" heard
free_port
sipp "$KAMAILIO" -sn uac -i $FLOODER -p "$port" -r 1500 -m 100000 -l 100000 -nostdin >"$TMP/flood.out" 2>&1 &
flood_pid=$!
pids="$pids $flood_pid"
check "not any more" until_true 20 not_heard
mqsctl agent pause 1001 >/dev/null
mqsctl agent pause 1002 >/dev/null
hang_up_1001() {
	until_true 15 has_event call_entered '"number":"1001"'
	hang_up_all
}
hang_up_1001 &
hang_up_pid=$!
echo 1001 | phones_csv "$TMP/phone.csv"
free_port
quietly() { "$@" >"$TMP/calls.out" 2>&1; }
check "a phone calls meanwhile" quietly timeout 30 sipp "$KAMAILIO" -i $PHONE -p "$port" -sf "$SIP/phone-calls.xml" -inf "$TMP/phone.csv" \
	-m 1 -nostdin -aa -key dialled q -key from 1001 -key media 9 -trace_err -error_file "$TMP/calls.err"
wait "$hang_up_pid"
end_ours "$flood_pid" KILL
wait "$flood_pid" 2>/dev/null
check "heard again when it is over" until_true 30 heard
check_clean
done_testing
