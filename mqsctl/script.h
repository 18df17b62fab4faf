/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_SCRIPT_H
#define MQSCTL_SCRIPT_H

#include <stdbool.h>
#include <stdio.h>

struct shell;

/*
 * Commands from a file, a line each. Name is told with the number of a line that fails; NULL for
 * standard input. Ends with the first that fails, or with keep_going runs all of them and returns
 * the worst exit status. Returns an enum shell_rc.
 */
int script_run(struct shell *shell, FILE *in, const char *name, bool keep_going);

/* The same of the file at that path, "-" being standard input; with keep_going the count is told at
 * the end. */
int script_file(struct shell *shell, const char *path, bool keep_going);

/*
 * What a person wants to be run when a shell begins on a terminal: ~/.mqsctlrc, or what MQSCTL_RC
 * names (empty: nothing). All of its lines are run, whatever becomes of one. A file that others can
 * write is not read: its lines would be run with this person's rights.
 */
void script_rc(struct shell *shell);

#endif
