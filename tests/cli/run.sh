#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Golden transcripts of mqsctl: run.sh [BUILD-DIR [NAME ...]]. UPDATE=1 writes them anew.
#
#   NAME.cmds  lines for sh, in which `mqsctl` is the program: output and exit status
#   NAME.keys  a person at a terminal, see pty.c; "# pty: ..." are options of it, "# args: ..." of mqsctl, "# env: ..."
#              its environment; "# sh: ..." is run before, "# then: ..." after it
#   NAME.out   what must come out; after "--- sent" what mqsd was asked to change
# BUILD-DIR (build) holds bin/mqsctl, tests/cli/pty and tests/cli/fakeapi.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
build=$(cd "${1:-$here/../../build}" && pwd) || exit 1
[ $# -gt 0 ] && shift
program=$build/bin/mqsctl
for need in "$program" "$build/tests/cli/pty" "$build/tests/cli/fakeapi"; do
	[ -x "$need" ] || { echo "$need is not built"; exit 1; }
done

work=$(mktemp -d) || exit 1
api=
finish() {
	[ -n "$api" ] && kill "$api" 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

# A home of its own, the same zone and language everywhere; a short socket name for the transcripts.
export HOME="$work" TZ=UTC LC_ALL=C.UTF-8 TERM=dumb MQS_SOCKET=api.sock
unset XDG_STATE_HOME XDG_CONFIG_HOME EDITRC COLUMNS MQSCTL_RC NO_COLOR
export PAGER=
# For a BUILD-DIR with sanitizers; the slow unwinder, or leaks within libraries have no stack.
export ASAN_OPTIONS=fast_unwind_on_malloc=0
export LSAN_OPTIONS="suppressions=$here/lsan.supp:print_suppressions=0"
cd "$work" || exit 1

mqsctl() {
	"$program" "$@"
}

commands() {
	while IFS= read -r line; do
		case $line in '' | '#'*) continue ;; esac
		printf '$ %s\n' "$line"
		eval "$line" </dev/null 2>&1
		status=$?
		[ $status -eq 0 ] || echo "[exit $status]"
	done <"$1"
}

option() {
	sed -n "s/^# $1: //p" "$2"
}

keys() {
	eval "$(option sh "$1")"
	# The options are words: they are meant to be split.
	# shellcheck disable=SC2046
	env $(option env "$1") "$build/tests/cli/pty" $(option pty "$1") "$1" "$program" $(option args "$1")
	eval "$(option "then" "$1")"
}

play() {
	api=$("$build/tests/cli/fakeapi" api.sock "$here/api" sent) || exit 1
	rm -f .mqsctl_history .mqsctlrc
	case $1 in
	*.cmds) commands "$1" ;;
	*.keys) keys "$1" ;;
	esac >out 2>&1
	if [ -s sent ]; then
		echo '--- sent'
		cat sent
	fi >>out
	kill "$api"
	api=
}

passed=0 failed=0
for source in "$here"/*.cmds "$here"/*.keys; do
	name=$(basename "$source")
	golden=${source%.*}.out
	case " ${*:-$name} " in *" $name "* | *" ${name%.*} "*) ;; *) continue ;; esac
	play "$source"
	[ -z "${UPDATE:-}" ] || cp out "$golden"
	if diff -u "$golden" out >differences 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $name"
		cat differences
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
