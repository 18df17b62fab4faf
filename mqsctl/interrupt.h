/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_INTERRUPT_H
#define MQSCTL_INTERRUPT_H

#include <stdbool.h>

/*
 * Ctrl-C in the interactive shell: noted, so that it ends a command and not the shell. A signal
 * handler has no argument, so the note is the one static of mqsctl.
 */
void interrupt_watch(void);
void interrupt_clear(void);
bool interrupt_seen(void);

/* Waits until fd can be read: true; false after Ctrl-C or ms (-1: without end). fd -1 waits only.
 */
bool interrupt_poll(int fd, int ms);

#endif
