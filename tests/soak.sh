#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A long run, and its report as JSON, one HTML page and JUnit's XML: soak.sh [--detach] DIR PROFILE [OPTION...].
# A run that was not a good one is kept in DIR, with every server's log. --detach: in the background, whoever logs out.
set -u
BIN=${MQS_BIN:-$PWD/build/bin}
detach=no
[ "${1:-}" = --detach ] && detach=yes && shift
[ $# -ge 2 ] || {
	echo "usage: $0 [--detach] DIR PROFILE [OPTION...]" >&2
	exit 2
}
dir=$1
shift
mkdir -p "$dir" || exit 2

# A pid comes again some time, so it is looked at what runs with it.
runs() { [ -f "$dir/pid" ] && tr '\0' ' ' <"/proc/$(cat "$dir/pid")/cmdline" 2>/dev/null | grep -q 'loadtest run'; }

if [ "$detach" = yes ]; then
	if runs; then
		echo "one runs already, pid $(cat "$dir/pid"); see $dir/log" >&2
		exit 2
	fi
	rm -f "$dir/pid"
	setsid nohup "$0" "$dir" "$@" >"$dir/log" 2>&1 </dev/null &
	tries=100
	while ! runs && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	runs || {
		cat "$dir/log" >&2
		exit 2
	}
	echo "It runs in the background, pid $(cat "$dir/pid")."
	echo "  look:   tail -f $dir/log"
	echo "  stop:   kill $(cat "$dir/pid")"
	echo "  report: $dir/report.html, when it is over"
	exit 0
fi

rm -f "$dir/report.json" "$dir/report.html" "$dir/junit.xml"
"$BIN/loadtest" run "$@" --artifacts "$dir" --report "$dir/report.json" &
child=$!
echo "$child" >"$dir/pid"
trap 'kill -TERM "$child"' INT TERM HUP
wait "$child"
status=$?
# A signal ends the waiting before it ends the run.
while kill -0 "$child" 2>/dev/null; do
	wait "$child"
	status=$?
done
report=$dir/report.json
# A run that was ended in its middle has the verdict as far as it got.
[ -f "$report" ] || report=$(find "$dir" -name report.json -newer "$dir/pid" | head -n 1)
rm -f "$dir/pid"
[ -n "$report" ] &&
	"$BIN/loadtest" report --html "$dir/report.html" --junit "$dir/junit.xml" "$report" &&
	echo "report: $dir/report.html"
exit "$status"
