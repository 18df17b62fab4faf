#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every Redis command that a script uses, or mqsd/list.c, is rehearsed before the pool is opened: rehearse.sh [DIRECTORY OF SCRIPTS].
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
scripts=${1:-$top/mqsd/lua}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
{
	cat "$scripts"/*.lua "$scripts"/*/*.lua | grep -o "redis\.p\{0,1\}call('[A-Za-z]*'" |
		sed "s/.*'\([A-Za-z]*\)'/\1/"
	grep -o '"H[A-Z]*GET[A-Z]*"' "$top/mqsd/list.c" | tr -d '"'
} | sort -u >"$work/used"
grep -o "{'[A-Z]*'" "$scripts/raw/rehearse.lua" | sed "s/.*'\([A-Z]*\)'/\1/" | sort -u >"$work/rehearsed"
if [ ! -s "$work/used" ] || [ ! -s "$work/rehearsed" ]; then
	echo "no commands found in $scripts"
	exit 1
fi
comm -23 "$work/used" "$work/rehearsed" | sed 's/$/ is used, and is missing in raw\/rehearse.lua/' >"$work/faults"
comm -13 "$work/used" "$work/rehearsed" | sed 's/$/ is rehearsed, but nothing uses it/' >>"$work/faults"
cat "$work/faults"
[ ! -s "$work/faults" ]
