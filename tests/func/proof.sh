#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Whether the verdict can fail, and names the right call, cause and class: datagrams that are lost on purpose, an agent
# who hangs up before the script says so, a call that the servers forget, a SIPp that is killed.
# Kamailio lets no keep-alive be due before 30 s, so that who sent a lost BYE is missed for a minute and more.
set -u
. tests/func/lib.sh

# The lab's Kamailio takes what `lose` says for lost, as it comes from the wire.
cp -r etc "$TMP/etc"
# shellcheck disable=SC2016 # the variables are Kamailio's
sed -i -e 's/^request_route {$/&\n\tif (is_method("BYE") \&\& $sht(lose=>$ci) != $null \&\& $sht(lose=>$ci) > 0) {\n\t\t$sht(lose=>$ci) = $sht(lose=>$ci) - 1;\n\t\texit;\n\t}/' \
	-e 's/^modparam("htable", "htable", "calls=>.*/&\nmodparam("htable", "htable", "lose=>size=4;autoexpire=600;")/' "$TMP/etc/kamailio/kamailio.cfg"
lose() { # lose CALL-ID N: the next N BYE of that dialog
	curl -s -m 5 -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"htable.seti\",\"params\":[\"lose\",\"$1\",$2]}" \
		"$(lab_value kamailio rpc)" | grep -q '"result"'
}

lab_up --nodes 2 --etc "$TMP/etc"

start() { # start NAME [OPTION...]: a run in the background; its directory in RUN
	RUN=$TMP/run-$1
	shift
	"$BIN/loadtest" run smoke --lab "$LAB" --dir "$RUN" --report "$RUN.json" --set call_rate=20 \
		--set node_poll_ms=500 "$@" >"$RUN.out" 2>"$RUN.err" &
	run_pid=$!
	pids="$pids $run_pid"
}
finish() {
	wait "$run_pid"
	status=$?
}
is_status() {
	[ "$status" = "$1" ] && return 0
	echo "     status $status; $(tail -n 5 "$RUN.err" "$RUN.out" 2>/dev/null)"
	return 1
}
says() { # says PATTERN: a line of the result
	grep -q "$1" "$RUN.out" && return 0
	sed 's/^/     /' "$RUN.out"
	return 1
}
figure() { # figure SECTION KEY: of the report
	sed -n "/\"$1\": {/,/}/p" "$RUN.json" | json "$2"
}
# Steps of the phones' log: epoch step Call-ID agent leg.
phones() { awk -v step="$1" '$4 == step' "$RUN"/agents*.log 2>/dev/null; }
talking() { [ "$(phones ack | wc -l)" -ge "$1" ]; }
of_phone() { phones ack | awk -v n="$1" -v field="$2" 'NR == n { print $field }'; } # of the nth that talked
caller_of() { # caller_of CALL: its Call-ID
	grep call_entered "$RUN/events.log" | grep -F "\"call\":\"$1\"" | json sip_call_id
}

new_case "one BYE datagram is lost, and an agent hangs up before the script says so"
start one-lost --set callers=6 --set agents=6 --set talk_s=3
until_true 30 talking 6
lost=$(of_phone 1 5)
early=$(of_phone 2 6)
check "Kamailio is told" lose "$lost" 1
# SIPp has read its file; who judges reads it now.
sed -i "s/^$early;\([0-9]*\);[0-9]*/$early;\1;9000/" "$RUN"/agents*.csv
finish
check "neither is a drop" says "^smoke: 6 calls, 0 dropped, 0 disagreements, 1 violations$"
check "one retransmission is counted" [ "$(figure retransmissions agents)" = 1 ]
check "the agent is named" says "^violation: talk-time: agent $early held call .*, its script says 9000 ms"
check "exit status 1" is_status 1

new_case "SIPp killed"
for role in callers agents; do
	start "no-$role" --set callers=6 --set agents=2
	until_true 30 talking 1
	for p in $(pgrep -P "$(pgrep -d, -P "$run_pid")"); do
		tr '\0' ' ' <"/proc/$p/cmdline" | grep -q "^sipp .*-inf $role" && kill -9 "$p"
	done
	finish
	check "the $role': exit status 2" is_status 2
	check "it says so" grep -q "the SIPp $role-1 ended in the middle of the run" "$RUN.err"
	check "and no verdict is reached" [ ! -s "$RUN.json" ]
done

new_case "every copy of a BYE is lost; a channel is deleted and its call's record, too; another record is left"
pool_is_broken=yes
start all-lost --set callers=4 --set agents=4 --set talk_s=4 --set drain_deadline_s=120
until_true 30 talking 4
lost=$(of_phone 1 5)
lost_leg=$(of_phone 1 7)
gone=$(of_phone 2 7)
gone=${gone%.*}
check "Kamailio is told" lose "$lost" 1000
victim=$(caller_of "$gone")
check "the record is there" [ "$(redis del "mqs:{default}:call:$gone")" = 1 ]
for node in a1 a2; do
	channel=$(ari $node GET channels | tr '{' '\n' | grep -F "\"protocol_id\":\"$victim\"" |
		sed 's/.*"id":"\([^"]*\)".*/\1/')
	[ -z "$channel" ] || ari $node DELETE "channels/$channel"
done
left=$(of_phone 3 7)
left=${left%.*}
redis copy "mqs:{default}:call:$left" kept >/dev/null
until_true 20 sh -c "grep call_ended '$RUN/events.log' | grep -qF '\"call\":\"$left\"'"
redis rename kept "mqs:{default}:call:$left" >/dev/null
finish
check "exit status 1" is_status 1
check "the BYE: sip, that call" says "^dropped (sip, retransmissions): call ${lost_leg%.*}, .*: agents' SIPp: agent "
check "its caller was let go" grep -q " bye_in $(caller_of "${lost_leg%.*}") " "$RUN"/callers*.log
check "the channel: server, that call" says "^dropped (server, lost): call $gone, Call-ID $victim: "
check "no other call" says "^smoke: 4 calls, 2 dropped, "
check "a record that is left is named" says "^violation: end-redis: Redis still has call:$left"
check "each drop has its story" [ "$(grep -c '"timeline": \[' "$RUN.json")" = 2 ]

done_testing
