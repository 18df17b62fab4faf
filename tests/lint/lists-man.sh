#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Lists in the manual that are made from rows in the source stand between two comments, '.\" NAME: begin' and
# '.\" NAME: end', and are what build/tests/print_NAME says. lists-man.sh [DIRECTORY OF PAGES [OF PROGRAMS]]
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
man=${1:-$top/man}
programs=${2:-$top/build/tests}
status=0

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

compare() { # compare NAME PAGE SOURCE [WORD]
	name=$1
	page=$man/$2
	source=$3
	shift 3
	"$programs/print_$name" "$@" >"$work/rows" || exit 1
	sed -n '/^\.\\" '"$name"': begin/,/^\.\\" '"$name"': end/{/^\.\\"/d;p;}' "$page" >"$work/page" || exit 1
	# An empty list would agree with anything.
	[ -s "$work/rows" ] || {
		echo "print_$name $* prints nothing"
		exit 1
	}
	diff -u --label "$page" --label "$source" "$work/page" "$work/rows" || {
		echo "$page is not as the rows in $source; put the output of"
		echo "'build/tests/print_$name $*' between its two '$name:' comments"
		status=1
	}
}

compare causes mqs-loadtest.1 loadtest/verdict_cause.c
compare events mqs-events.7 lib/event.c -m
compare metrics mqs-api.7 mqsd/metrics.c
compare problems mqs-api.7 mqsd/problem.c
compare options mqsd.conf.5 mqsd/conf.c
compare options mqs-profile.5 loadtest/profile.c profile
exit "$status"
