/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REST_H
#define LOADTEST_REST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "loadtest/profile.h"

/*
 * For how long an agent is offered nothing after a call, as its queue is configured: that is no
 * latency. Pure.
 */
struct rests {
	int64_t wrapup_us; /* a conversation was */
	int64_t busy_us, reject_us, no_answer_us;
	int64_t ring_us; /* whose phone rang so long did not answer */
};

/* How one leg went, as its phone saw it; `bridged` is mqsd's word. Times in µs, `end` is when the
 * phone was rid of it, its BYE answered. */
struct rest_leg {
	int64_t invite, end;
	bool refused, busy; /* not at all; because of another call (486) */
	bool cancelled, talked, bridged;
	bool left; /* the agent hung up itself */
};

/* When the agent can be offered a call again; 0: its leg isn't over. */
int64_t rest_until(const struct rests *r, const struct rest_leg *leg);

/* The queues that the profile makes: their options, else the options' defaults. */
void rests_of_profile(struct rests *r, const struct profile *p);

/* As run.json has them: each in a member of its own. What isn't there is 0. */
void rests_write(const struct rests *r, json_t *meta);
void rests_read(struct rests *r, const json_t *meta);

#endif
