#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mqs-api.7 documents each route of mqsd/api.c, with its role, and each code that an error can have, with its status,
# and no other: api-man.sh [DIRECTORY OF PRINTERS [PAGE]]. Codes stand in the tables that print_codes prints, and in
# mqsd's C files as `404, "no_such_thing"`.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
printers=${1:-$top/build/tests}
page=${2:-$top/man/mqs-api.7}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$printers/print_routes" >"$work/routes" || exit 1
"$printers/print_codes" >"$work/codes" || exit 1
cat "$top"/mqsd/*.c | tr -s ' \t\n' ' ' | grep -o '[45][0-9][0-9], "[a-z_]*"' | tr -d ',"' |
	awk '{ print $2, $1 }' >>"$work/codes"
{ sed 's/^/route /' "$work/routes"; sed 's/^/code /' "$work/codes"; } | sort -u >"$work/rows"
# Routes are items like ".It Ic GET /v1/health Pq viewer", codes ".It Er no_such_call Pq 404"; the codes of a route
# stand in the line behind ".Em Errors".
awk '$1 == ".It" && $2 == "Ic" && $4 ~ /^\// { print "route", $3, $4, $6 }
	$1 == ".It" && $2 == "Er" && $4 == "Pq" { print "code", $3, $5 }' "$page" | sort >"$work/page"
if ! grep -q ^route "$work/page" || ! grep -q ^code "$work/page"; then
	echo "no routes or no codes found in $page"
	exit 1
fi
{
	uniq -d "$work/page" | sed 's/^/twice in mqs-api.7: /'
	sort -u "$work/page" | comm -23 "$work/rows" - | sed 's/^/not in mqs-api.7: /'
	sort -u "$work/page" | comm -13 "$work/rows" - | sed 's/^/in mqs-api.7, and not in mqsd: /'
	awk '/^\.Em Errors/ { n = 3 } n-- > 0 && $1 == ".Er" { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z_]+$/) print $i }' "$page" |
		sort -u | while read -r code; do
		grep -q "^code $code " "$work/rows" || echo "an error of a route in mqs-api.7, and not in mqsd: $code"
	done
} >"$work/faults"
cat "$work/faults"
[ ! -s "$work/faults" ]
