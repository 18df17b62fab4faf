/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LEASE_PRIV_H
#define MQSD_LEASE_PRIV_H

/* Shared by lease.c (taking and keeping) and lease_give.c (giving back, leaving). */

#include <sys/queue.h>

#include "mqsd/lease.h"
#include "mqsd/lease_ask.h"

struct lease {
	TAILQ_ENTRY(lease) entry;
	struct leases *leases;
	struct lease_hooks hooks;
	char *node, *key, *counter;
	char token[128];    /* "" when not ours */
	char holder[80];    /* instance that had it, or was given it, when last seen; "" nobody */
	int64_t until;	    /* mono ms */
	int64_t free_since; /* mono ms of the first look that found it run out; 0: it has not */
	bool retired;
	bool had; /* in this life of ours: what is left under our name is no dead one's */
	int busy; /* scripts of its own under way */
};

struct leases {
	struct loop *loop;
	const struct conf *conf;
	struct leases_hooks hooks;
	struct redis *redis;
	struct instances *instances;
	struct loop_timer *tick;
	struct loop_timer *look; /* between ticks, when a lease of another is about to run out */
	TAILQ_HEAD(, lease) all;
	int64_t calm_until; /* mono ms; nothing is seen to have run out before */
	bool was_up, beating, again, stopped, known;
};

/* A script for all leases, or for one, whose callback ends with lease->busy--. */
struct ask *leases_ask(struct leases *leases, ask_cb *cb);
struct ask *lease_ask(struct lease *lease, ask_cb *cb);
void lease_ask_all_keys(struct ask *ask); /* by which a script counts who has how many nodes */
void lease_ask_peers(struct ask *ask);

void lease_set_holder(struct lease *lease, const char *holder);
void lease_now_ours(struct lease *lease, const char *token, int64_t until, const char *why);

#endif
