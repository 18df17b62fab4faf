#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each manual page is clean mdoc, and each page of ours that it refers to exists: man.sh [PAGE ...].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
cd "$top" || exit 1
[ $# -gt 0 ] || set -- man/*.[1-8]

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# Pages of this tree are not installed where this runs.
mandoc -Tlint -Wwarning "$@" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db' >"$work/faults"
awk '$1 == ".Xr" && $2 ~ /^mqs/ { print FILENAME, $2 "." $3 }' "$@" | sort -u | while read -r page other; do
	[ -f "man/$other" ] || echo "$page refers to man/$other, which there is not"
done >>"$work/faults"
cat "$work/faults"
[ ! -s "$work/faults" ]
