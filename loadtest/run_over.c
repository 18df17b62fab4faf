/* SPDX-License-Identifier: BSD-2-Clause */

/* From the last call made to the last witness' word. */

#include <stdio.h>

#include "lib/clock.h"
#include "loadtest/desk.h"
#include "loadtest/dossier.h"
#include "loadtest/run.h"
#include "loadtest/verdict.h"

#define DRAIN_HANGUP_MS 10000
#define TOLD_MS		3000 /* mqsd's last events, once the calls are over */
#define LOOK_AGAIN_MS	500

static void
drain_one(void *arg, const char *call)
{
	struct run *r = arg;
	struct err err;

	/* Noted first: the hang-up's effect comes after its cause. */
	if (dossier_note(r->dir, &r->live, "drain", call, clock_wall_us(), &err) != 0 ||
	    desk_hangup(r->client, call, &err) != 0)
		fprintf(stderr, "call %s not hung up: %s\n", call, err.text);
}

static int
wait_over(struct run *r, int64_t deadline, struct err *err)
{
	while (r->traffic.counts.over < r->calls && clock_mono_ms() < deadline)
		if (run_step(r, err) != 0)
			return -1;
	return 0;
}

int
run_drain(struct run *r, struct err *err)
{
	if (wait_over(r, r->last_call_ms + r->profile->drain_deadline_s * 1000, err) != 0)
		return -1;
	if (r->traffic.counts.over >= r->calls || !r->profile->drain_hangup)
		return 0;
	r->traffic.draining = true;
	display_clear(&r->display);
	fprintf(stderr, "hanging up callers that still wait\n");
	if (desk_waiting(r->client, r->profile, drain_one, r, err) != 0)
		return -1;
	return wait_over(r, clock_mono_ms() + DRAIN_HANGUP_MS, err);
}

/* Whether mqsd has told the end of each call it let enter, and no leg is left. */
static bool
all_told(const struct run *r)
{
	size_t i;

	for (i = 0; i < r->live.told_count; i++)
		if (r->live.tolds[i].entered != 0 && r->live.tolds[i].ended == 0)
			return false;
	for (i = 0; i < r->live.leg_count; i++)
		if (leg_end(&r->live.legs[i]) == 0)
			return false;
	return true;
}

/*
 * The calls are over for the callers; agents, events and nodes get their time to agree. What a node
 * still shows after ghost_us is a ghost, so its list is read once more just after that.
 */
int
run_settle(struct run *r, struct err *err)
{
	int64_t now = clock_mono_ms(), told_by = now + TOLD_MS;
	int64_t clean_by = now + verdict_default_rules.ghost_us / 1000 + 1000;
	bool over = r->traffic.counts.over >= r->calls;

	/* With callers who are still up no node becomes clean. */
	if (!over && r->companion == NULL)
		clean_by = now;
	while ((!all_told(r) && clock_mono_ms() < told_by) ||
	       (!r->node_clean && clock_mono_ms() < clean_by)) {
		if (run_step(r, err) != 0)
			return -1;
		if (clock_mono_ms() - r->looked_ms >= LOOK_AGAIN_MS)
			run_look(r);
	}
	run_look(r);
	/* What was broken on purpose may have made mqsd forget calls. */
	if (r->companion != NULL ? all_told(r) : over)
		run_check_end(r);
	run_show(r, true);
	return 0;
}
