/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_INTERRUPT_H
#define MQSCTL_INTERRUPT_H

#include <signal.h>
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

/*
 * While a command has the whole terminal, SIGTERM and SIGHUP are noted too, so that it can give it
 * back. Then the signals do what they did; the one of these two that came comes again.
 */
struct interrupt_saved {
	struct sigaction was[3];
};

void interrupt_take(struct interrupt_saved *saved);
void interrupt_give_back(const struct interrupt_saved *saved);

#endif
