#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Commands to a node over https, its events over wss: a real Asterisk with a certificate, mqsd with the right
# authority, with another, for another address, and blind.
set -u
. tests/func/lib.sh

while :; do
	port=$((port + 1))
	grep -qi ":$(printf %04X "$port") " /proc/net/tcp || break
done
tls_port=$port
certificate() { # certificate NAME SUBJECT-ALT-NAME
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TMP/$1.key" -out "$TMP/$1.csr" \
		-subj "/CN=$1" 2>/dev/null
	echo "subjectAltName=$2" >"$TMP/san"
	openssl x509 -req -in "$TMP/$1.csr" -CA "$TMP/ca.pem" -CAkey "$TMP/ca.key" -CAcreateserial -days 2 \
		-extfile "$TMP/san" -out "$TMP/$1.pem" 2>/dev/null
}
for ca in ca other; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TMP/$ca.key" -out "$TMP/$ca.pem" \
		-subj "/CN=$ca" -days 2 2>/dev/null
done
certificate node IP:127.0.0.1
cp -R etc "$TMP/etc"
cat >>"$TMP/etc/asterisk/http.conf" <<END
tlsenable = yes
tlsbindaddr = 127.0.0.1:$tls_port
tlscertfile = $TMP/node.pem
tlsprivatekey = $TMP/node.key
END
lab_up --nodes 1 --no-mqsd --etc "$TMP/etc"
: >"$EVENTS"

dir=$TMP
CRASH=$BIN/mqsd
trust() { # trust HOST LINES: an mqsd that goes to the node with these options of [ari]
	write_conf one
	sed -i -e "s|^url = .*|url = https://$1:$tls_port|" -e "s|^\\[ari\\]|&\\n$2|" "$dir/one.conf"
	: >"$dir/one.log"
	start_mqsd one
	mqsd_pid=$(cat "$dir/one.pid")
	export MQS_SOCKET="$dir/one.sock"
}
stop() {
	kill "$mqsd_pid"
	wait "$mqsd_pid"
	check "no sanitizer spoke" sanitizers_are_quiet "$dir/one.log"
}
logged() { grep -q -- "$1" "$dir/one.log"; }
node_is_up() { mqsctl --json status 2>/dev/null | tr -d ' \n' | grep -q '"nodes":{"total":1,"up":1'; }

node_is_unreachable() { mqsctl --json node list 2>/dev/null | tr -d ' \n' | grep -q '"state":"unreachable"'; }

new_case "the right authority"
trust 127.0.0.1 "ca_file = $TMP/ca.pem"
check "the node comes up" until_true 40 node_is_up
mqsctl queue create q >/dev/null
call_in 30 caller-stays
caller=$caller_pid
check "a caller enters: events come over wss" until_true 20 is 30 waiting
hang_up_all
check "and is hung up: commands go over https" until_true 20 sh -c "! kill -0 $caller 2>/dev/null"
plain=$(node_value a1 ari | sed "s|.*:||")
check "nothing goes to the node in the clear" lacks /proc/net/tcp -i " 0100007F:$(printf %04X "$plain") 01 "
stop

new_case "another authority"
trust 127.0.0.1 "ca_file = $TMP/other.pem"
check "is not trusted, and why" until_true 40 logged 'https://127.0.0.1:.*certificate verify failed'
check "and the node is unreachable" until_true 30 node_is_unreachable
stop

new_case "a certificate for another address"
trust localhost "ca_file = $TMP/ca.pem"
check "is not trusted either" until_true 40 logged 'ostname mismatch'
stop

new_case "blind"
trust localhost "verify = no"
check "whoever answers is taken for the node" until_true 40 node_is_up
stop

new_case "an authority that is none"
trust 127.0.0.1 "ca_file = $TMP/nothing.pem"
wait "$mqsd_pid"
check "mqsd does not start" [ $? = 1 ]
check "and names the file" logged "ca_file: $TMP/nothing.pem has no certificates"
done_testing
