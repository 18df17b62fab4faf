#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The events that mqsd's scripts emit, with their fields, are the rows of lib/event.c, none missing and none more:
# scripts.sh [PRINT_EVENTS [DIRECTORY OF SCRIPTS]].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
program=${1:-$top/build/tests/print_events}
scripts=${2:-$top/mqsd/lua}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
tab=$(printf '\t')
"$program" >"$work/rows" || exit 1
awk -f "$top/tests/lint/scripts.awk" "$scripts"/*.lua "$scripts"/base/*.lua >"$work/found" || exit 1
awk -F '\t' '{
	print $1 "\t"
	gsub(/ \([^)]*\)/, "", $3)
	n = split($3, names, " ")
	for (i = 1; i <= n; i++)
		print $1 "\t" names[i]
}' "$work/rows" | sort -u >"$work/told"
cut -f 1,2 "$work/found" | sort -u >"$work/emitted"
if [ ! -s "$work/told" ] || [ ! -s "$work/emitted" ]; then
	echo "no events found in $program or $scripts"
	exit 1
fi
{
	comm -13 "$work/told" "$work/emitted" | while IFS=$tab read -r event field; do
		grep "^$event$tab$field$tab" "$work/found" | cut -f 3 | sort -u | tr '\n' ' '
		echo "emits $event${field:+ with $field}, which has no row in lib/event.c"
	done
	comm -23 "$work/told" "$work/emitted" | while IFS=$tab read -r event field; do
		echo "lib/event.c has $event${field:+ with $field}, which no script emits"
	done
} >"$work/faults"
cat "$work/faults"
[ ! -s "$work/faults" ]
