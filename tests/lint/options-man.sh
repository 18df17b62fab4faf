#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The lists in mqsd.conf.5 and mqs-profile.5 are what the rows in mqsd/conf.c and loadtest/profile.c say:
# options-man.sh [PRINT_OPTIONS [MQSD_CONF_PAGE [PROFILE_PAGE]]].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
program=${1:-$top/build/tests/print_options}
status=0

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

compare() { # compare PAGE SOURCE [WORD]
	page=$1
	source=$2
	shift 2
	"$program" "$@" >"$work/rows" || exit 1
	sed -n '/^\.\\" options: begin/,/^\.\\" options: end/{/^\.\\"/d;p;}' "$page" >"$work/page" || exit 1
	# An empty list would agree with anything.
	[ -s "$work/rows" ] || {
		echo "$program $* prints no options"
		exit 1
	}
	diff -u --label "$page" --label "$source" "$work/page" "$work/rows" || {
		echo "$page is not as the rows in $source; put the output of"
		echo "'build/tests/print_options $*' between its two 'options:' comments"
		status=1
	}
}

compare "${2:-$top/man/mqsd.conf.5}" mqsd/conf.c
compare "${3:-$top/man/mqs-profile.5}" loadtest/profile.c profile
exit "$status"
