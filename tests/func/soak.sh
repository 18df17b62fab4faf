#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The talk's load, scaled down, from the look at the machine to the last form of the report: 360 callers in the
# system, up to 200 agents, who is done is replaced. `make soak` is the whole of it.
set -u
. tests/func/base.sh
is() { # is STATUS COMMAND...
	want=$1
	shift
	"$@" >"$TMP/out" 2>"$TMP/err"
	[ $? = "$want" ]
}
said() { grep -q -- "$1" "$TMP/out" "$TMP/err"; }
figure() { # figure SECTION KEY: of the report
	sed -n "/\"$1\": {/,/}/p" "$TMP/report.json" | sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" | head -n 1
}
at_least() { [ "$(figure "$2" "$3" | cut -d . -f 1)" -ge "$1" ]; }

echo "--- a machine that is too small"
# shellcheck disable=SC3045 # each sh that there is has it
(ulimit -n 300 && is 2 "$BIN/loadtest" run ci)
check "it is not tried" [ $? = 0 ]
check "what is lacking is named, with its remedy" said "^open files of one process: 300, .*: ulimit -n "

echo "--- the run"
"$BIN/loadtest" run ci --artifacts "$TMP/artifacts" --keep --report "$TMP/report.json" >"$TMP/out" 2>"$TMP/err"
status=$?
check "no promise is broken" [ "$status" = 0 ]
check "how long it will take is said first" said "^ci: .* about "
check "the first line says what it is not" [ "$(head -n 1 "$TMP/out")" = "signalling only, no music" ]
check "the last line" sh -c "tail -n 1 '$TMP/out' | grep -q '^ci: [0-9]* calls, 0 dropped, 0 disagreements$'"
check "1,000 calls are completed" at_least 1000 calls completed
check "200 agents talk at once" at_least 200 peak talking
check "callers wait beside them" at_least 160 peak waiting
check "what a call costs is known" at_least 10 us_per_call mqsd
for process in mqsd-1 redis kamailio a1 a2 callers-1 agents-1 loadtest; do
	check "$process is sampled" at_least 1 "$process" rss_max_mb
done
check "every server's log is kept" sh -c "ls '$TMP'/artifacts/ci-*/log/ | grep -q '^a2'"

echo "--- its report"
for path in "$TMP/report.json" "$TMP"/artifacts/ci-*; do
	check "HTML and JUnit are made from it" \
		is 0 "$BIN/loadtest" report --html "$TMP/report.html" --junit "$TMP/junit.xml" "$path"
done
check "JUnit's is XML" is 0 xmllint --noout "$TMP/junit.xml"
check "the page has its drawings" [ "$(grep -c '<figure>' "$TMP/report.html")" = 6 ]
check "the text is the run's" is 0 "$BIN/loadtest" report "$TMP/report.json"
check "and no longer than it was" said "callers at once, 200 agents, 2 nodes, [0-9].* s$"

echo "--- two reports compared"
check "nothing is worse than itself" is 0 "$BIN/loadtest" compare "$TMP/report.json" "$TMP/report.json"
sed '/"drops": {/,/}/s/"total": 0/"total": 1/' "$TMP/report.json" >"$TMP/worse.json"
check "a drop is worse" is 1 "$BIN/loadtest" compare "$TMP/report.json" "$TMP/worse.json"
check "and named" said "^dropped .* 0 .* 1 .*worse$"
check "it is better without" is 0 "$BIN/loadtest" compare "$TMP/worse.json" "$TMP/report.json"
sed 's/"report": 1/"report": 2/' "$TMP/report.json" >"$TMP/other.json"
check "another version is refused" is 2 "$BIN/loadtest" compare "$TMP/report.json" "$TMP/other.json"
check "and why" said "is a report of version 2, and this loadtest reads version 1"
