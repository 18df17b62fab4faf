/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_EDIT_H
#define MQSCTL_EDIT_H

#include <stdbool.h>

struct shell;

/* The interactive shell on a terminal, until `exit` or Ctrl-D; rc: with what the person wants to be
 * run at its beginning. Returns an enum shell_rc. */
int edit_run(struct shell *shell, bool rc);

#endif
