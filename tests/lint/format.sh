#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# All C files are laid out as .clang-format says.
set -u
cd "$(dirname "$0")/../.." || exit 1

faults=$(mktemp) || exit 1
trap 'rm -f "$faults"' EXIT
find lib mqsd mqsctl loadtest tests -name '*.[ch]' -type f -exec clang-format --dry-run -Werror {} + >"$faults" 2>&1 && exit 0
grep 'error:' "$faults" | cut -d : -f 1 | sort | uniq -c
echo "so many places there are not as .clang-format has them; 'make format' lays them out"
exit 1
