/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHAOS_H
#define LOADTEST_CHAOS_H

#include <jansson.h>

#include "loadtest/chaos_plan.h"
#include "loadtest/run.h"

/*
 * The companion of a run that breaks things as a plan says, one at a time, each once the lab is as
 * it was before the last one, and measures how long the service was away.
 *
 * The service is back with the first INVITE at a phone after which, for `hold_ms`, each mqsd has
 * Redis and its pool, each node that runs has its mqsd, Kamailio answers, and phones are rung
 * without a gap of hold_ms. It is seen about every 100 ms, so figures are too high by so much.
 */
struct chaos_done {
	struct chaos_act act; /* with the servers' names in place of "master" and "replica" */
	int64_t at_ms;	      /* since the run began */
	int64_t lasted_ms;    /* -1: it lasts still */
	int64_t calls;	      /* in progress as it began */
	int64_t taken_ms;     /* service back while the fault lasted, from its beginning; -1: not */
	int64_t steady_ms;    /* service back after its end, from its end; -1: never */
	int64_t whole_ms;     /* all servers as before, from its end; -1: never */
	bool late;
	char why[LAB_TEXT_MAX]; /* what was missing at the last look */
};

enum chaos_phase { CHAOS_FILLING, CHAOS_WAITING, CHAOS_ON, CHAOS_AFTER, CHAOS_MENDING, CHAOS_OVER };

struct chaos {
	struct chaos_plan plan;
	uint64_t seed;
	int64_t hold_ms;
	int64_t fill_calls;   /* in progress before the first fault */
	const char *no_netns; /* why there are no namespaces; NULL: there are */

	enum chaos_phase phase;
	struct chaos_done *done;
	size_t done_count;
	char gave_up[LAB_TEXT_MAX]; /* why the rest of the plan is not made; "": it is */
	int64_t from_ms, first_ms, began_ms, ended_ms; /* mono */
	int64_t after_us;			       /* wall: only INVITEs from then on count */
	int64_t back_us, last_us; /* wall: the first INVITE that counts, and the last */
	size_t legs_seen;
};

/* So many calls in progress are enough to begin. */
int64_t chaos_fill_calls(const struct profile *p);

int chaos_step(void *arg, struct run *r, struct err *err);
json_t *chaos_tell(void *arg);
void chaos_free(struct chaos *c);

#endif
