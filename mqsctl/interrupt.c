/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t seen;

static void
note(int signal_number)
{
	seen = signal_number;
}

void
interrupt_watch(void)
{
	struct sigaction action = {.sa_handler = note};

	sigaction(SIGINT, &action, NULL);
}

void
interrupt_clear(void)
{
	seen = 0;
}

bool
interrupt_seen(void)
{
	return seen != 0;
}

bool
interrupt_poll(int fd, int ms)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	sigset_t interrupt, before;
	int n = -1;

	/* Blocked but for the wait itself, or one that comes just before it would go unseen. */
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, &before);
	while (!seen && (n = ppoll(&readable, 1, ms < 0 ? NULL : &time, &before)) < 0 &&
	       errno == EINTR)
		;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return n > 0;
}

static const int taken[] = {SIGINT, SIGTERM, SIGHUP};

void
interrupt_take(struct interrupt_saved *saved)
{
	struct sigaction action = {.sa_handler = note};
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaction(taken[i], &action, &saved->was[i]);
}

void
interrupt_give_back(const struct interrupt_saved *saved)
{
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaction(taken[i], &saved->was[i], NULL);
	if (seen == SIGTERM || seen == SIGHUP)
		raise(seen);
}
