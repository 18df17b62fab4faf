#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The list in mqs-events.7 is what the rows in lib/event.c say: events-man.sh [PRINT_EVENTS [PAGE]].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
program=${1:-$top/build/tests/print_events}
page=${2:-$top/man/mqs-events.7}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$program" -m >"$work/rows" || exit 1
sed -n '/^\.\\" events: begin/,/^\.\\" events: end/{/^\.\\"/d;p;}' "$page" >"$work/page" || exit 1
# An empty list would agree with anything.
[ -s "$work/rows" ] || {
	echo "$program prints no events"
	exit 1
}
diff -u --label "$page" --label lib/event.c "$work/page" "$work/rows" || {
	echo "$page is not as the rows in lib/event.c; put the output of"
	echo "'build/tests/print_events -m' between its two 'events:' comments"
	exit 1
}
