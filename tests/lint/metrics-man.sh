#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The list of metrics in mqs-api.7 is what the rows in mqsd/metrics.c say: metrics-man.sh [PRINT_METRICS [PAGE]].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
program=${1:-$top/build/tests/print_metrics}
page=${2:-$top/man/mqs-api.7}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$program" >"$work/rows" || exit 1
sed -n '/^\.\\" metrics: begin/,/^\.\\" metrics: end/{/^\.\\"/d;p;}' "$page" >"$work/page" || exit 1
# An empty list would agree with anything.
[ -s "$work/rows" ] || {
	echo "$program prints no metrics"
	exit 1
}
diff -u --label "$page" --label mqsd/metrics.c "$work/page" "$work/rows" || {
	echo "$page is not as the rows in mqsd/metrics.c; put the output of"
	echo "'build/tests/print_metrics' between its two 'metrics:' comments"
	exit 1
}
