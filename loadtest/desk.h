/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_DESK_H
#define LOADTEST_DESK_H

#include <stdint.h>

#include "lib/client.h"
#include "loadtest/profile.h"

/* What a supervisor does before, during and after a run, over mqsd's control API. */

/*
 * Creates the queue, the agents (login by registration) and the memberships. *opened becomes true
 * with the queue, so from then on there is something of ours to take away.
 */
int desk_open(struct client *client, const struct profile *p, bool *opened, struct err *err);

/* How many of the queue's members are logged in; -1 with err. */
int64_t desk_logged_in(struct client *client, const struct profile *p, struct err *err);

/* Calls that wait in the queue: `found` is called with each id. */
int desk_waiting(struct client *client, const struct profile *p,
		 void (*found)(void *arg, const char *call), void *arg, struct err *err);

int desk_hangup(struct client *client, const char *call, struct err *err);

/* Takes away what desk_open made, after hanging up what is in the queue still. */
int desk_close(struct client *client, const struct profile *p, struct err *err);

/* mqsd's version, "" when it doesn't say. Returns out. */
char *desk_version(struct client *client, char *out, size_t size);

#endif
