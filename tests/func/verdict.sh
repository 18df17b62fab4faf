#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Whether `loadtest run` says what happened: a good run, what was tampered with afterwards, a caller hung up from
# outside, an interrupted run, a node killed in the middle.
set -u
. tests/func/lib.sh

lab_up --nodes 2
RUN=$TMP/run

# start NAME [OPTION...]: a run in the background, against the lab; its directory in $RUN.
start() {
	RUN=$TMP/run-$1
	shift
	"$BIN/loadtest" run smoke --lab "$LAB" --dir "$RUN" --report "$RUN.json" \
		--set call_rate=20 --set node_poll_ms=500 "$@" >"$RUN.out" 2>"$RUN.err" &
	run_pid=$!
	pids="$pids $run_pid"
}
finish() { # the run's exit status in $status
	wait "$run_pid"
	status=$?
}
is_status() {
	[ "$status" = "$1" ] && return 0
	echo "     status $status; $(tail -n 3 "$RUN.err" "$RUN.out" 2>/dev/null)"
	return 1
}
last_line_is() {
	[ "$(tail -n 1 "$RUN.out")" = "$1" ] && return 0
	sed 's/^/     /' "$RUN.out" "$RUN.err"
	return 1
}
figure() { # of the report, 0 when there is none
	value=$(sed -n "/\"$1\": {/,/}/p" "$RUN.json" 2>/dev/null | json "$2")
	echo "${value:-0}"
}
step_count() { # step_count FILE STEP: lines of that step
	awk -v step="$2" '$4 == step { n++ } END { print n + 0 }' "$RUN/$1" 2>/dev/null
}
at_least() { # at_least N FILE STEP
	n=$(step_count "$2" "$3")
	[ "${n:-0}" -ge "$1" ]
}

new_case "a good run"
start good --set callers=24 --set agents=8 --set talk_s=2
finish
check "exit status 0" is_status 0
check "the last line" last_line_is "smoke: 24 calls, 0 dropped, 0 disagreements"
check "all are completed in the report" [ "$(figure calls completed)" = 24 ]
check "offers were measured" [ "$(figure offer count)" = 24 ]
check "the agents were registered and logged in" [ "$(figure agents registered)-$(figure agents logged_in)" = 8-8 ]
check "the queue is taken away" sh -c "'$BIN/mqsctl' queue show 1000 2>&1 | grep -q 'there is no queue'"
GOOD=$RUN

new_case "the same directory, judged again"
"$BIN/loadtest" judge "$GOOD" >"$RUN.out" 2>"$RUN.err"
status=$?
check "exit status 0" is_status 0

new_case "the story of one call"
id=$(awk '$4 == "invite" { print $7; exit }' "$RUN/agents-1.log")
sip=$(grep -m 1 '	call_entered	' "$RUN/events.log" | json sip_call_id)
"$BIN/loadtest" trace "$GOOD" "${id%.*}" >"$TMP/story"
check "it has one" grep -q "^call ${id%.*}, Call-ID .*: completed$" "$TMP/story"
check "of the callers' SIPp" grep -q "^ *0\.000  callers' SIPp  INVITE" "$TMP/story"
check "of the agents' SIPp" grep -q "agents' SIPp .* hangs up: BYE" "$TMP/story"
check "of mqsd's events" grep -q " mqsd .* offer_dialled: " "$TMP/story"
check "of the nodes' lists" grep -q " nodes .* has the caller's channel, in bridge" "$TMP/story"
check "in the order of time" sh -c "tail -n +2 '$TMP/story' | sort -s -n -c"
"$BIN/loadtest" trace --json "$GOOD" "$sip" >"$TMP/story"
check "in JSON, by Call-ID" grep -q "\"sip_call_id\": \"$sip\"" "$TMP/story"
sip=$(awk '$4 == "invite" { print $5; exit }' "$GOOD/agents-1.log")
"$BIN/loadtest" trace "$GOOD" "${sip%????}" >"$TMP/story"
check "by the beginning of a leg's Call-ID" grep -q "^call ${id%.*}, " "$TMP/story"
"$BIN/loadtest" trace "$GOOD" nobody >/dev/null 2>"$TMP/story"
check "of a call that there is not: exit status 1" [ $? = 1 ]
check "and a sentence" grep -q "no call of .* nobody" "$TMP/story"

new_case "one of its calls again, and those around it"
RUN=$TMP/run-again
number=$(awk '$4 == "invite" { n++ } n == 12 { print $6; exit }' "$GOOD/callers-1.log")
"$BIN/loadtest" replay "$GOOD" --call "$number" --lab "$LAB" --dir "$RUN" >"$RUN.out" 2>"$RUN.err"
status=$?
check "exit status 0" is_status 0
check "the last line" last_line_is "smoke: 1 calls, 0 dropped, 0 disagreements"
check "it is that call" grep -q " invite .* $number$" "$RUN/callers-1.log"
check "with all its messages" grep -q "^BYE sip:" "$RUN/callers-1.msg"
check "and those of the phones" grep -q "^INVITE sip:" "$RUN/agents-1.msg"
check "its report says what it is" grep -q "^  again    call .* of the run in $(realpath "$GOOD")\$" "$RUN.out"
"$BIN/loadtest" trace "$RUN" "$number" >"$TMP/story"
check "its story has what the caller sent" grep -q "callers' SIPp  sends INVITE sip:" "$TMP/story"
check "and what its agent got" grep -q "agents' SIPp .* gets INVITE sip:" "$TMP/story"
check "in the order of time" sh -c "tail -n +2 '$TMP/story' | sort -s -n -c"
RUN=$TMP/run-around
"$BIN/loadtest" replay "$GOOD" --around "$number" --seconds 1 --lab "$LAB" --dir "$RUN" >"$RUN.out" 2>"$RUN.err"
status=$?
check "exit status 0" is_status 0
check "it is among them" grep -q " invite .* $number$" "$RUN/callers-1.log"
# Two who came at once, as when SIPp was held up for a while, may change places.
callers() { awk '$4 == "invite" { print $6 }' "$1/callers-1.log"; }
callers "$RUN" >"$TMP/callers"
awk '$4 == "invite" && $3 - last > 0.03 { print $6; last = $3 }' "$GOOD/callers-1.log" | grep -Fxf "$TMP/callers" >"$TMP/apart"
check "they come in the same order" [ "$(callers "$RUN" | grep -Fxf "$TMP/apart")" = "$(cat "$TMP/apart")" ]
check "many of them apart" [ "$(wc -l <"$TMP/apart")" -ge 5 ]
"$BIN/loadtest" replay "$GOOD" --call nobody >"$TMP/story" 2>&1
check "a call that there is not: exit status 2" [ $? = 2 ]

# tampered NAME: a copy of the good run to change; judge_it says what comes out.
tampered() {
	new_case "$1"
	RUN=$TMP/run-$1
	cp -r "$GOOD" "$RUN"
}
judge_it() {
	"$BIN/loadtest" judge "$RUN" >"$RUN.out" 2>"$RUN.err"
	status=$?
	check "exit status 1" is_status 1
}

tampered two-calls-swapped
first=$(awk '$4 == "invite" { print $7; exit }' "$RUN/agents-1.log")
second=$(awk -v first="$first" '$4 == "invite" && $7 != first { print $7; exit }' "$RUN/agents-1.log")
sed "s/$first\$/@/; s/$second\$/$first/; s/@\$/$second/" "$GOOD/agents-1.log" >"$RUN/agents-1.log"
check "totals are the same" [ "$(wc -l <"$GOOD/agents-1.log")" = "$(wc -l <"$RUN/agents-1.log")" ]
judge_it
check "the first is named" grep -q "${first%.*}" "$RUN.out"
check "the second is named" grep -q "${second%.*}" "$RUN.out"
check "it is a disagreement" grep -q "^disagreement: " "$RUN.out"

tampered two-callers-swapped-by-mqsd
one=$(awk '$4 == "invite" { print $5; exit }' "$RUN/callers-1.log")
other=$(awk -v one="$one" '$4 == "invite" && $5 != one { print $5; exit }' "$RUN/callers-1.log")
sed "s/\"$one\"/\"@\"/; s/\"$other\"/\"$one\"/; s/\"@\"/\"$other\"/" "$GOOD/events.log" >"$RUN/events.log"
judge_it
check "it is a matter of two calls" grep -q "\(disagreement\|dropped\).*${one%%@*}" "$RUN.out"

tampered an-agent-never-heard-of-it
gone=$(awk '$4 == "invite" { print $7; exit }' "$GOOD/agents-1.log")
grep -v " $gone\$" "$GOOD/agents-1.log" >"$RUN/agents-1.log"
judge_it
check "the call is named" grep -q "${gone%.*}.*" "$RUN.out"
check "mqsd's word alone is not enough" grep -q "mqsd says completed with" "$RUN.out"

tampered the-agents-log-cut-off
head -c "$(($(wc -c <"$GOOD/agents-1.log") / 2))" "$GOOD/agents-1.log" >"$RUN/agents-1.log"
judge_it
check "it is a disagreement" grep -q "^disagreement: .*no agent's SIPp talked in it" "$RUN.out"

tampered mqsd-s-events-cut-off
head -c "$(($(wc -c <"$GOOD/events.log") / 2))" "$GOOD/events.log" >"$RUN/events.log"
judge_it
check "disagreements, no drop" sh -c "tail -n 1 '$RUN.out' | grep -q ' 0 dropped, [1-9][0-9]* disagreements'"

tampered a-ghost
gone=$(awk '$4 == "invite" { print $5; exit }' "$GOOD/callers-1.log")
printf '{"at":%s000000,"node":"a1","channels":[{"sip":"%s","call":""}],"bridges":[]}\n' \
	"$(($(date +%s) + 60))" "$gone" >>"$RUN/nodes.log"
judge_it
check "the call is named" grep -q "dropped (server, ghost).*Call-ID $gone: nodes: node a1 still has" "$RUN.out"

tampered told-twice
awk '{ print } $2 == "call_bridged" && !told { print; told = 1 }' "$GOOD/events.log" >"$RUN/events.log"
judge_it
check "the rule is named" grep -q "^violation: leg-order: call .* is bridged a second time" "$RUN.out"
check "the last line counts it" sh -c "tail -n 1 '$RUN.out' | grep -q ' 0 disagreements, [0-9]* violations$'"

new_case "the invariants of the lab as it is now"
check "hold, and nothing is left" invariants_hold --end
redis set 'mqs:{default}:chan:a1:stray' nobody >/dev/null
check "a key that belongs to nothing" sh -c "'$BIN/loadtest' check --lab '$LAB' >'$TMP/check'; [ \$? = 1 ]"
check "is named" grep -q "^violation: redis-keys: nobody knows why there is chan:a1:stray" "$TMP/check"
redis del 'mqs:{default}:chan:a1:stray' >/dev/null
check "a saved stream" "$BIN/loadtest" check --events "$GOOD/events.log"
check "what was told twice" sh -c "'$BIN/loadtest' check --events '$RUN/events.log' >/dev/null; [ \$? = 1 ]"
"$BIN/loadtest" check --events "$TMP/none" >/dev/null 2>&1
check "no stream at all is exit status 2" [ $? = 2 ]

new_case "a waiting caller's channel deleted over ARI"
start deleted --set callers=4 --set agents=1 --set talk_s=3
until_true 30 at_least 4 callers-1.log ok
victim=$(awk '$4 == "invite" { id = $5 } END { print id }' "$RUN/callers-1.log")
for node in a1 a2; do
	url=$(node_value "$node" ari)
	channel=$(curl -s -u "mqs:$(node_value "$node" password)" "$url/ari/channels" | tr '{' '\n' |
		grep -F "\"protocol_id\":\"$victim\"" | sed 's/.*"id":"\([^"]*\)".*/\1/')
	[ -z "$channel" ] || curl -s -X DELETE -u "mqs:$(node_value "$node" password)" "$url/ari/channels/$channel"
done
finish
check "exit status 1" is_status 1
check "one drop" last_line_is "smoke: 4 calls, 1 dropped, 0 disagreements"
check "of class server, and that call" grep -q "^dropped (server, [a-z]*):.*Call-ID $victim: " "$RUN.out"
check "the report names it" grep -q "\"sip_call_id\": \"$victim\"" "$RUN.json"
if grep -q "there will be no messages" "$RUN.err"; then
	check "messages are kept by who may only" [ "$(id -u)" != 0 ]
else
	check "its messages are kept" grep -q "^INVITE sip:" "$RUN/dropped/$victim.txt"
	check "to the last" grep -q "^BYE sip:" "$RUN/dropped/$victim.txt"
	"$BIN/loadtest" trace "$RUN" "$victim" >"$TMP/story"
	check "they are in its story" grep -q "^ *[0-9.]*  wire  *.* > .*: BYE sip:" "$TMP/story"
fi

new_case "a queue of that name is there already"
mqsctl queue create 1000 >/dev/null
start taken
finish
check "exit status 2" is_status 2
check "it says so" grep -q "there is a queue 1000 already" "$RUN.err"
check "it is still there" sh -c "'$BIN/mqsctl' queue show 1000 >/dev/null"
mqsctl queue delete 1000 >/dev/null

new_case "callers who lose patience, and the rest hung up at the end"
start drained --set callers=8 --set agents=0 --set hangup_by=mixed --set stay_s=2 --set drain_deadline_s=5 \
	--set drain_hangup=yes
finish
check "exit status 0" is_status 0
check "each is abandoned or drained" [ "$(($(figure calls abandoned) + $(figure calls drained)))" = 8 ]
check "some are abandoned" [ "$(figure calls abandoned)" -ge 1 ]
check "some are drained" [ "$(figure calls drained)" -ge 1 ]

new_case "callers and agents hang up, in any order"
start mixed --set callers=30 --set agents=10 --set hangup_by=mixed --set stay_s=4 --set talk_s=3 --set spread=60 --seed 5
finish
check "exit status 0" is_status 0

new_case "callers that nobody takes"
start stuck --set callers=3 --set agents=0 --set drain_deadline_s=2
finish
check "exit status 1" is_status 1
check "none drained, all dropped" last_line_is "smoke: 3 calls, 3 dropped, 0 disagreements"

for what in INT:130 TERM:2; do
	new_case "SIG${what%:*} in the middle"
	start "${what%:*}" --set callers=40 --set agents=4
	until_true 30 at_least 1 agents-1.log ack
	kids=$(pgrep -P "$run_pid" | tr '\n' ' ')
	kill -s "${what%:*}" "$run_pid"
	finish
	check "exit status ${what#*:}" is_status "${what#*:}"
	check "no SIPp is left" sh -c "[ -n '$kids' ] && for k in $kids; do ! kill -0 \$k 2>/dev/null || exit 1; done"
done

new_case "mqsd killed in the middle"
start mqsd-killed --set callers=20 --set agents=5 --set talk_s=3
until_true 30 at_least 8 agents-1.log ack
kill -9 "$(lab_value mqsd pid)"
finish
check "exit status 0: nobody noticed" is_status 0

new_case "an Asterisk killed in the middle"
start node-killed --set callers=24 --set agents=6 --set talk_s=3 --set drain_deadline_s=20
until_true 30 at_least 24 callers-1.log ok
kill -9 "$(node_value a2 pid)"
finish
check "exit status 1" is_status 1
# Each line of a node says what is new on it, and what is gone.
lost=$(sed -n 's/^.*"node":"a2","channels":\[\(.*\)\],"gone":\[\(.*\)\],"bridges":.*$/\1|\2/p' "$RUN/nodes.log" | awk -F '|' '
	{
		n = split($1, new, "\"sip\":\"")
		for (i = 2; i <= n; i++)
			on[substr(new[i], 1, index(new[i], "\"") - 1)] = 1
		n = split($2, gone, "\"")
		for (i = 2; i <= n; i += 2)
			delete on[gone[i]]
	}
	END { for (id in on) if (id ~ /^[0-9]+-[0-9]+@/) print id }')
check "some calls were on it" [ -n "$lost" ]
for id in $lost; do
	grep -q "^dropped (server, died).*Call-ID $id: .*node a2" "$RUN.out" || not_ok "lost call $id is not named"
done
check "the report counts nothing as sip" [ "$(figure drops sip)" = 0 ]
check "and no call of the other node" [ "$(grep -c '^dropped' "$RUN.out")" = "$(grep -c '^dropped (server, died).*its node a2 had died' "$RUN.out")" ]

new_case "phones register anew before they are forgotten"
start anew --set callers=12 --set agents=4 --set talk_s=5 --set expires_s=10
finish
check "exit status 0" is_status 0
check "they have" [ -s "$RUN/refresh-1.log" ]
grep '	agent_unregistered	' "$RUN/events.log" | grep -v '"reason":"unreg"' >"$TMP/forgotten"
check "none was forgotten meanwhile" [ ! -s "$TMP/forgotten" ]

new_case "killed, with no time to say anything"
start killed --set callers=24 --set agents=4 --set talk_s=3
# What ended 10 s before the last line is settled.
until_true 60 at_least 20 agents-1.log bye_ok
kill -9 "$run_pid"
wait "$run_pid" 2>/dev/null
"$BIN/loadtest" judge "$RUN" >"$RUN.out" 2>"$RUN.err"
status=$?
check "exit status 2" is_status 2
check "it says so" grep -q "^not a whole run: ended after [0-9]* s, with [0-9]* calls in progress\$" "$RUN.out"
check "what was over is judged" grep -q "^smoke: [1-9][0-9]* calls, 0 dropped, 0 disagreements\$" "$RUN.out"

done_testing
