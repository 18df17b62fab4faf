#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every shell script passes shellcheck. Left out: SC2317, which takes what only a trap calls for dead, and SC2119,
# which takes a function's optional arguments for forgotten ones.
set -u
cd "$(dirname "$0")/../.." || exit 1

list=$(mktemp) || exit 1
trap 'rm -f "$list"' EXIT
find .ci etc loadtest mqsctl mqsd lib scenarios tests -type f \( -name '*.sh' -o -path .ci/run \) -print | sort >"$list"
[ -s "$list" ] || {
	echo "no shell scripts found"
	exit 1
}
xargs shellcheck -x -P SCRIPTDIR -e SC2317,SC2119 -f gcc <"$list" || exit 1
