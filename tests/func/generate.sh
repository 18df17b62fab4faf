#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What `loadtest generate` writes: the same files for the same seed, well-formed, and run by plain SIPp, for every
# profile that comes with us; Ctrl-C ends what run.sh has started.
set -u
. tests/func/lib.sh

# Without a lab: the profiles as they are.
for profile in scenarios/*.profile; do
	name=$(basename "$profile" .profile)
	new=$TMP/$name
	echo "--- $name"
	"$BIN/loadtest" generate "$name" "$new" >"$new.out" 2>&1 || cat "$new.out"
	"$BIN/loadtest" generate "$name" "$new.again" >/dev/null 2>&1
	check "the same files" diff -r "$new" "$new.again"
	"$BIN/loadtest" generate "$name" "$new.other" --seed 4711 --set spread=10 --set hangup_by=mixed >/dev/null 2>&1
	check "other ones for another seed" sh -c "! cmp -s '$new/agents.csv' '$new.other/agents.csv'"
	check "well-formed scenarios" xmllint --noout "$new"/*.xml
	check "a sound script" shellcheck -s sh "$new/run.sh"
	rm -rf "$new.again" "$new.other"
done
"$BIN/loadtest" generate smoke "$TMP/smoke" >"$TMP/twice.out" 2>&1
check "no directory is written into twice: exit status 2" [ $? = 2 ]
"$BIN/loadtest" generate smoke "$TMP/bad" --target 'x;reboot' >"$TMP/bad.out" 2>&1
check "a target that is none: exit status 2" [ $? = 2 ]
check "and a sentence" grep -q "HOST:PORT" "$TMP/bad.out"

lab_up --nodes 2
PORT=$((port + 2000))
export PORT

over() { # over DIR: callers whose call is over, as SIPp saw it
	cat "$1"/callers-*.log 2>/dev/null | awk '$4 == "bye_in" || $4 == "bye_ok" { n++ } END { print n + 0 }'
}
admit_phones() { cat "$1"/register-*.csv | etc/kamailio/phone-password.sh -d "$LAB/kamailio" -a; }
take_away() { # take_away DIR: what its setup.mqsctl made
	awk '/^agent add/ { print $3 }' "$1/setup.mqsctl" | while read -r who; do
		mqsctl agent logout "$who" >/dev/null 2>&1
		until_true 10 sh -c "'$BIN/mqsctl' --yes agent remove '$who' >/dev/null 2>&1" || echo "     $who stays"
	done
	awk '/^queue create/ { print $3 }' "$1/setup.mqsctl" | while read -r q; do mqsctl queue delete "$q" >/dev/null; done
}

# The same profiles with a few calls.
for profile in scenarios/*.profile; do
	name=$(basename "$profile" .profile)
	few=$TMP/$name.few
	new_case "$name, a few calls"
	"$BIN/loadtest" generate "$name" "$few" --target "$KAMAILIO" --set callers=6 --set calls=6 --duration 0 \
		--set call_rate=20 --set agents=4 --set register_rate=20 --set talk_s=1 --set spread=0 --set ramp_s=1 \
		--set burst_s=1 --speed 2 >"$few.out" 2>&1 || cat "$few.out"
	check "the target is in the script" grep -q "TARGET:-$KAMAILIO" "$few/run.sh"
	check "mqsctl takes the setup" sh -c "'$BIN/mqsctl' <'$few/setup.mqsctl' >'$few/setup.out' 2>&1"
	check "Kamailio takes the passwords" admit_phones "$few"
	LOGIN_AFTER=1 timeout 90 "$few/run.sh" >"$few.out" 2>&1
	check "run.sh ends with 0" [ $? = 0 ]
	check "all calls are over" [ "$(over "$few")" = 6 ]
	check "phones are unregistered" sh -c "grep -q . '$few/unregister-1.log'"
	[ "$failed" = 0 ] || tail -n 3 "$few"/*.err "$few.out"
	take_away "$few"
done

new_case "Ctrl-C"
"$BIN/loadtest" generate smoke "$TMP/long" --target "$KAMAILIO" --set callers=5 --set agents=2 --set talk_s=60 >/dev/null
mqsctl <"$TMP/long/setup.mqsctl" >/dev/null
admit_phones "$TMP/long"
"$TMP/long/run.sh" &
run_pid=$!
pids="$pids $run_pid"
talks() { grep -q ' ack ' "$TMP/long/agents-1.log" 2>/dev/null; }
check "calls are made" until_true 30 talks
kids=$(pgrep -P "$run_pid" | tr '\n' ' ')
kill -TERM "$run_pid"
wait "$run_pid"
check "exit status 130" [ $? = 130 ]
check "there were processes" [ -n "$kids" ]
check "none is left" sh -c "for k in $kids; do ! kill -0 \$k 2>/dev/null || exit 1; done"

pool_is_broken=yes # calls whose SIPp was ended are on the nodes still
done_testing
