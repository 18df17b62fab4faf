#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mqsctl.8 documents each command that there is, and no other: mqsctl-man.sh [MQSCTL [PAGE]].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
program=${1:-$top/build/bin/mqsctl}
page=${2:-$top/man/mqsctl.8}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$program" help --all >"$work/rows" || exit 1
cut -f 1 "$work/rows" | sort >"$work/commands"
# A trailing "\&" keeps mdoc from taking the bracket for punctuation.
sed -n 's/^\.It Cm //p' "$page" | sed 's/\\&$//; s/\\//g' | sort >"$work/documented"
# Neither list can be empty, or nothing would have been compared.
if [ ! -s "$work/commands" ] || [ ! -s "$work/documented" ]; then
	echo "no commands found in $program or $page"
	exit 1
fi
{
	comm -23 "$work/commands" "$work/documented" | sed 's/^/not in mqsctl.8: /'
	comm -13 "$work/commands" "$work/documented" | sed 's/^/no such command, but in mqsctl.8: /'
	grep -v "$(printf '\t')." "$work/rows" | sed 's/^/no help: /'
	# Pages of this tree are not installed where this runs.
	mandoc -Tlint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db'
} >"$work/faults"
cat "$work/faults"
[ ! -s "$work/faults" ]
