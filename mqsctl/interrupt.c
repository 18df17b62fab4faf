/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t seen;

static void
note(int signal_number)
{
	(void)signal_number;
	seen = 1;
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
