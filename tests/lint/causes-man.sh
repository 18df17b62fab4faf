#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The causes of drops in mqs-loadtest.1 are the rows in loadtest/verdict_cause.c: causes-man.sh [PRINT_CAUSES [PAGE]].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
program=${1:-$top/build/tests/print_causes}
page=${2:-$top/man/mqs-loadtest.1}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$program" >"$work/rows" || exit 1
sed -n '/^\.\\" causes: begin/,/^\.\\" causes: end/{/^\.\\"/d;p;}' "$page" >"$work/page" || exit 1
# An empty list would agree with anything.
[ -s "$work/rows" ] || {
	echo "$program prints no causes"
	exit 1
}
diff -u --label "$page" --label loadtest/verdict_cause.c "$work/page" "$work/rows" || {
	echo "$page is not as the rows in loadtest/verdict_cause.c; put the output of"
	echo "'build/tests/print_causes' between its two 'causes:' comments"
	exit 1
}
