#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The list in mqsd.conf.5 is what the rows in mqsd/conf.c say: options-man.sh [PRINT_OPTIONS [PAGE]].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
program=${1:-$top/build/tests/print_options}
page=${2:-$top/man/mqsd.conf.5}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$program" >"$work/rows" || exit 1
sed -n '/^\.\\" options: begin/,/^\.\\" options: end/{/^\.\\"/d;p;}' "$page" >"$work/page" || exit 1
# An empty list would agree with anything.
[ -s "$work/rows" ] || {
	echo "$program prints no options"
	exit 1
}
diff -u --label "$page" --label mqsd/conf.c "$work/page" "$work/rows" || {
	echo "$page is not as the rows in mqsd/conf.c; put the output of"
	echo "'build/tests/print_options' between its two 'options:' comments"
	exit 1
}
