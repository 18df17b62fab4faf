/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A call's legs, from the claim to the command: each waits for its node's pace. One whose call
 * ended, or whose offer is no longer the record's, leaves the queue; it was never on the node.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/call_priv.h"
#include "mqsd/node.h"
#include "mqsd/pacer.h"

struct turn {
	struct pace_turn pace; /* first: pacer knows only this */
	struct call *call;
	char leg[CALL_ID_MAX];
};

void
call_unpace(struct leg *leg)
{
	if (leg->turn == NULL)
		return;
	pace_leave(&leg->turn->pace);
	free(leg->turn);
	leg->turn = NULL;
}

bool
call_is_paced(const struct call *call)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++)
		if (call->legs[i].turn != NULL)
			return true;
	return false;
}

void
calls_go(struct pace_turn *pace)
{
	struct turn *turn = (struct turn *)pace;
	struct call *call = turn->call;
	struct leg *leg = call_leg(call, turn->leg);

	leg->turn = NULL;
	free(turn);
	leg->at = clock_mono_ms();
	if (call->state == CALL_RINGING)
		call_create(call, leg);
	else
		call_add_job(call, JOB_GONE, leg->id, "cancelled", 0);
}

static void
ask(struct call *call, struct leg *leg)
{
	struct turn *turn = mem_zero(sizeof(*turn));

	leg->made = true;
	leg->at = clock_mono_ms();
	turn->call = call;
	snprintf(turn->leg, sizeof(turn->leg), "%s", leg->id);
	switch (pacer_ask(node_lane(call->calls->node), &turn->pace)) {
	case PACE_WAIT:
		leg->turn = turn;
		return;
	case PACE_GO:
		free(turn);
		call_create(call, leg);
		return;
	case PACE_FULL:
		free(turn);
		log_warn("call %s: too many legs wait for the pace of node %s; put back for now. "
			 "See [ari] originates_per_s and host_originates_per_s",
			 call->id, node_name(call->calls->node));
		call_add_job(call, JOB_GONE, leg->id, "mqsd", 0);
		return;
	}
}

void
call_make_legs(struct call *call)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++)
		if (!call->legs[i].made && !call->legs[i].dialled)
			ask(call, &call->legs[i]);
}

/* Takes back a leg that never was. */
bool
call_take_back(struct call *call, struct leg *leg)
{
	if (leg->turn == NULL)
		return false;
	call_unpace(leg);
	call_add_job(call, JOB_GONE, leg->id, "cancelled", 0);
	return true;
}

void
calls_take_back(struct calls *calls)
{
	struct call *call;
	size_t i;

	TAILQ_FOREACH(call, &calls->active, entry)
	for (i = 0; i < call->leg_count; i++)
		call_take_back(call, &call->legs[i]);
}
