/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_EDIT_H
#define MQSCTL_EDIT_H

struct shell;

/* The interactive shell on a terminal, until `exit` or Ctrl-D. Returns an enum shell_rc. */
int edit_run(struct shell *shell);

#endif
