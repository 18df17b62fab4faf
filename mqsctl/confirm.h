/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_CONFIRM_H
#define MQSCTL_CONFIRM_H

#include <stdbool.h>

struct shell;

/* Is there a person to ask? */
bool confirm_possible(void);

/*
 * For a command with COMMAND_DANGER, before its api_edit(): says in a sentence what it will touch,
 * and asks. SHELL_DONE: go on, also with --yes and --dry-run, which do not ask. Else it has been
 * said that nothing was done.
 */
int confirm(struct shell *shell, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));

#endif
