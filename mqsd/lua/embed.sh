#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints a C header with every script in DIR as one row. Those in DIR/raw stand alone; the others are functions of
# one library, behind the files of DIR/base. It is named by a hash of its text, so that instances of two versions that
# work in one Redis each find their own.
set -eu
# A file uses what those before it have.
BASE='script store pool agent kept call claim recovery_end circuit node epilogue'
dir=$1
quote() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/'; }
functions() {
	for f in "$dir"/*.lua; do basename "$f" .lua; done
}
library() {
	for name in $BASE; do cat "$dir/base/$name.lua"; done
	for name in $(functions); do
		echo 'do'
		cat "$dir/$name.lua"
		echo "register('$name', main)"
		echo 'end'
	done
}
hash=mqs_$(library | sha256sum | cut -c 1-16)
echo '/* Made by mqsd/lua/embed.sh; do not edit. */'
echo "#define SCRIPT_LIBRARY_NAME \"$hash\""
printf '#define SCRIPT_LIBRARY \\\n'
{
	echo "#!lua name=$hash"
	echo "local LIBRARY = '$hash'"
	library
} | quote | sed 's/$/ \\/'
echo
printf '#define SCRIPT_ROWS \\\n'
{
	for name in $(functions); do echo "{\"$name\", \"${hash}_$name\", NULL},"; done
	for f in "$dir"/raw/*.lua; do
		echo "{\"$(basename "$f" .lua)\", NULL,"
		quote <"$f"
		echo '},'
	done
} | sed 's/$/ \\/'
echo
