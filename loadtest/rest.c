/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/rest.h"

#include <stddef.h>
#include <stdlib.h>

#include "lib/queue_option.h"
#include "loadtest/plan.h"

#define S 1000000LL

/* Node and phone begin to count at different times, and each counts with its own clock. */
#define RING_SKEW_US 500000

static const struct {
	const char *member;
	size_t offset;
} members[] = {
	{"wrapup_us", offsetof(struct rests, wrapup_us)},
	{"busy_us", offsetof(struct rests, busy_us)},
	{"reject_us", offsetof(struct rests, reject_us)},
	{"no_answer_us", offsetof(struct rests, no_answer_us)},
	{"ring_us", offsetof(struct rests, ring_us)},
};

static int64_t
after(const struct rests *r, const struct rest_leg *leg)
{
	if (leg->refused)
		return leg->busy ? r->busy_us : r->reject_us;
	if (leg->cancelled)
		return leg->end - leg->invite >= r->ring_us - RING_SKEW_US ? r->no_answer_us : 0;
	/* Who answers and is gone before the caller is there has refused. */
	if (leg->talked && leg->left && !leg->bridged)
		return r->reject_us;
	return leg->talked ? r->wrapup_us : 0;
}

int64_t
rest_until(const struct rests *r, const struct rest_leg *leg)
{
	return leg->end != 0 ? leg->end + after(r, leg) : 0;
}

static int64_t
default_us(const char *name)
{
	return strtoll(option_find(&queue_options, "queue", name)->def, NULL, 10) * S;
}

void
rests_of_profile(struct rests *r, const struct profile *p)
{
	*r = (struct rests){
		.wrapup_us = plan_wrapup_s(p) * S,
		.busy_us = default_us("busydelay"),
		.reject_us = default_us("rejectdelay"),
		.no_answer_us = default_us("noanswerdelay"),
		.ring_us = p->ring_s * S,
	};
}

void
rests_write(const struct rests *r, json_t *meta)
{
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_object_set_new(
			meta, members[i].member,
			json_integer(*(const int64_t *)((const char *)r + members[i].offset)));
}

void
rests_read(struct rests *r, const json_t *meta)
{
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		*(int64_t *)((char *)r + members[i].offset) =
			json_integer_value(json_object_get(meta, members[i].member));
}
