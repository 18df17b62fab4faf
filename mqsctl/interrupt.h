/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_INTERRUPT_H
#define MQSCTL_INTERRUPT_H

#include <stdbool.h>

/*
 * Ctrl-C while a command of the interactive shell runs: noted instead of ending the shell. A signal
 * handler has no argument, so the note is the one static of mqsctl.
 */
void interrupt_watch(void);
void interrupt_unwatch(void);
bool interrupt_seen(void);

#endif
