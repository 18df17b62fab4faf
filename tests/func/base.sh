# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# What the tests of loadtest itself share: a scratch directory, kept when a check failed, and the count. A test may
# define tidy(), called at the end however it comes; a failed check shows the end of $TMP/out and $TMP/err.
# shellcheck disable=SC2034 # for those who read this
BIN=${MQS_BIN:-$PWD/build/bin}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/mqs-$(basename "$0" .sh).XXXXXX")
passed=0
failed=0
tidy() { :; }

cleanup() {
	trap - EXIT INT TERM HUP
	tidy
	if [ "$failed" = 0 ]; then rm -rf "$TMP"; else echo "kept for a look: $TMP"; fi
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}
trap 'cleanup; exit $?' EXIT
trap 'failed=$((failed + 1)); exit 1' INT TERM HUP

check() { # check TEXT COMMAND...
	text=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok   $text"
	else
		failed=$((failed + 1))
		echo "FAIL $text"
		tail -n 40 "$TMP/out" "$TMP/err" 2>/dev/null | sed 's/^/     /'
	fi
}
