#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Does any SIP worker wait for Redis? Response times of REGISTER and INVITE, in pairs: Redis runs, then stands
# still (SIGSTOP), under the same load. Prints figures, asserts none: redis-stall.sh [SECONDS [PAIRS]].
set -u
. tests/func/lib.sh
seconds=${1:-30}
pairs=${2:-2}
registers=100 # per second, of 1,000 phones
callers=10    # per second, each stays 5 s

figures() { # figures FILE...: what SIPp measured, in ms
	cat "$@" | awk -F';' '$2 ~ /^[0-9.]+$/ {print $2}' | sort -n | awk '
		{t[NR] = $1}
		END {printf "%6d  p50 %s  p90 %s  p99 %s  max %s ms", NR, t[int(NR * .5 + .5)], t[int(NR * .9 + .5)], t[int(NR * .99 + .5)], t[NR]}'
}
load() { # load NAME: both loads at once; sets `bad` when a call failed
	mkdir "$TMP/$1"
	cd "$TMP/$1" || exit 1
	free_port
	sipp "$KAMAILIO" -i 127.0.0.1 -p "$port" -sf "$TMP/register.xml" -inf "$TMP/phones.csv" -r $registers \
		-m $((registers * seconds)) -nostdin -trace_rtt -rtt_freq 1 -key contact 9 -key expires 3600 >register.out 2>&1 &
	register_pid=$!
	free_port
	sipp "$KAMAILIO" -i 127.0.0.1 -p "$port" -sf "$TMP/caller.xml" -r $callers -m $((callers * seconds)) -nostdin -aa \
		-trace_rtt -rtt_freq 1 -key number 1 -key queue q -d 5000 >caller.out 2>&1 &
	caller_pid=$!
	bad=
	wait $register_pid || bad="a REGISTER failed; "
	wait $caller_pid || bad="${bad}a call failed"
	cd "$OLDPWD" || exit 1
	echo "$1: REGISTER $(figures "$TMP/$1"/register_*_rtt.csv)"
	echo "$1: INVITE   $(figures "$TMP/$1"/caller_*_rtt.csv)  ${bad:-no call failed}"
}

sed '0,/<send retrans="500">/s//<send retrans="500" start_rtd="1">/; s/<recv response="200"/& rtd="1"/' \
	"$SIP/register.xml" >"$TMP/register.xml"
sed '0,/<send retrans="500">/s//<send retrans="500" start_rtd="1">/; s/<recv response="200" rrs="true"/& rtd="1"/' \
	"$SIP/caller-leaves.xml" >"$TMP/caller.xml"
lab_up --nodes 1
seq -f p%.0f 1000 | phones_csv "$TMP/phones.csv"
mqsctl queue create q >/dev/null
load warm-up >/dev/null
pair=1
while [ $pair -le "$pairs" ]; do
	load "runs-$pair"
	lab stop redis
	load "stands-$pair"
	lab cont redis
	until_true 20 sh -c "'$BIN/mqsctl' --json status 2>/dev/null | tr -d ' ' | grep -q '\"status\":\"ok\"'"
	pair=$((pair + 1))
done
done_testing
