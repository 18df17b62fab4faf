#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# How long the verdict on a long run takes, and how much memory: CALLS calls of a run that went well, made up.
set -u
CALLS=${CALLS:-240000}
DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$DIR"' EXIT

awk -v DIR="$DIR" -v CALLS="$CALLS" -v AGENTS=2000 -v WAITING=1600 -v RATE=53 -v NODES=8 -f tests/bench/run-dir.awk || exit 1
du -sm "$DIR" | awk '{print $1 " MB of logs"}'
/usr/bin/time -f '%e s, %U s user, %M KiB' build/bin/loadtest judge "$DIR" >"$DIR/out" 2>"$DIR/err"
tail -n 3 "$DIR/out" "$DIR/err"
grep -q "bench: $CALLS calls, 0 dropped, 0 disagreements\$" "$DIR/out"
