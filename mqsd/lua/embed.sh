#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints a C header with every script in DIR as one row; those in DIR/raw stand alone, the others get
# prelude and circuit in front and the epilogue behind.
set -eu
dir=$1
quote() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$1"; }
echo '/* Made by mqsd/lua/embed.sh; do not edit. */'
echo 'static const char script_prelude[] ='
quote "$dir/prelude.lua"
quote "$dir/circuit.lua"
echo ';'
echo 'static const char script_epilogue[] ='
quote "$dir/epilogue.lua"
echo ';'
echo 'static const struct { const char *name; int raw; const char *body; } script_rows[] = {'
for f in "$dir"/*.lua "$dir"/raw/*.lua; do
	name=$(basename "$f" .lua)
	case $f in
	*/prelude.lua | */circuit.lua | */epilogue.lua) continue ;;
	*/raw/*) raw=1 ;;
	*) raw=0 ;;
	esac
	printf '{"%s", %s,\n' "$name" "$raw"
	quote "$f"
	echo '},'
done
echo '};'
