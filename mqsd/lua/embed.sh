#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints a C header with every script in DIR: prelude + script + epilogue as one string, one row each.
set -eu
dir=$1
quote() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$1"; }
echo '/* Made by mqsd/lua/embed.sh; do not edit. */'
echo 'static const char script_prelude[] ='
quote "$dir/prelude.lua"
echo ';'
echo 'static const char script_epilogue[] ='
quote "$dir/epilogue.lua"
echo ';'
echo 'static const struct { const char *name, *body; } script_rows[] = {'
for f in "$dir"/*.lua; do
	name=$(basename "$f" .lua)
	case $name in prelude | epilogue) continue ;; esac
	printf '{"%s",\n' "$name"
	quote "$f"
	echo '},'
done
echo '};'
