# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Completion of mqsctl in bash: mqsctl itself says what can stand there, as it does for TAB in its own shell.
_mqsctl() {
	local text help
	COMPREPLY=()
	while IFS=$'\t' read -r text help; do
		COMPREPLY+=("$text")
	done < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
# Where nothing is known, as behind -f: the names of files.
complete -o default -F _mqsctl mqsctl
