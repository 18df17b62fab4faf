/* SPDX-License-Identifier: BSD-2-Clause */

/* What a look at the node found of its calls, turned into jobs; and what reconcile asks of the
 * mirror. */

#include <string.h>

#include "lib/log.h"
#include "mqsd/call_priv.h"
#include "mqsd/node.h"

void
calls_look(struct calls *calls)
{
	if (calls->looks++ == 0)
		calls->seen_gone = json_object();
}

void
calls_looked(struct calls *calls)
{
	if (--calls->looks > 0)
		return;
	json_decref(calls->seen_gone);
	calls->seen_gone = NULL;
}

bool
calls_saw_go(const struct calls *calls, const char *channel)
{
	return json_object_get(calls->seen_gone, channel) != NULL;
}

void
calls_gone(struct calls *calls, const char *id, const char *channel, const char *reason)
{
	struct call *call = call_find(calls, id);

	if (call != NULL)
		call_add_job(call, JOB_GONE, channel, reason, 0);
}

void
calls_lost(struct calls *calls, json_t *record, bool unseen)
{
	const char *id = json_string_value(json_object_get(record, "id"));
	const char *channel = json_string_value(json_object_get(record, "channel"));
	const char *won = json_string_value(json_object_get(record, "leg"));
	struct call *call;
	json_t *leg;
	size_t i;

	calls_take(calls, record);
	call = id != NULL ? call_find(calls, id) : NULL;
	if (call == NULL)
		return;
	if (json_object_get(record, "open") != NULL)
		call_lose(call, channel, unseen);
	json_array_foreach(json_object_get(record, "legs"), i, leg)
		call_lose(call, json_string_value(json_object_get(leg, "id")), unseen);
	if (json_object_get(record, "leg_open") != NULL)
		call_lose(call, won, unseen);
}

void
calls_leg_up(struct calls *calls, const char *id, const char *leg)
{
	struct call *call = call_find(calls, id);

	if (call != NULL)
		call_add_job(call, JOB_LEG_ANSWER, leg, "", 0);
}

void
calls_leg_ringing(struct calls *calls, const char *id, const char *leg)
{
	struct call *call = call_find(calls, id);
	struct leg *l = call != NULL ? call_leg(call, leg) : NULL;

	if (l != NULL)
		l->heard = l->dialled = true;
}

void
calls_connect(struct calls *calls, const char *id, bool again)
{
	struct call *call = call_find(calls, id);

	if (call != NULL && again)
		call->bridged = call->caller_in = call->leg_in = false;
	if (call != NULL && call->state == CALL_TALKING && call->joining == 0)
		call_join(call);
}

void
calls_bridged(struct calls *calls, const char *id)
{
	struct call *call = call_find(calls, id);

	if (call != NULL && !call->bridged)
		call_add_job(call, JOB_BRIDGED, call->leg, "", 0);
}

void
calls_met(struct calls *calls, const char *id)
{
	struct call *call = call_find(calls, id);

	if (call != NULL)
		call->met = true;
}

bool
calls_unbridge(struct calls *calls, const char *channel, const char *bridge)
{
	struct call *call = call_find_channel(calls, channel);

	if (call == NULL || call->state >= CALL_TALKING)
		return false;
	if (!call->tuning)
		call_resume(call, bridge);
	return true;
}

/* The caller that the leg belongs to, which may not have entered yet. */
static struct call *
find_caller(struct calls *calls, const struct ari_leg *leg, const char *channel)
{
	struct call *call = call_find(calls, leg->call);

	if (call != NULL)
		return call;
	if (channel != NULL && (call = call_find_channel(calls, channel)) != NULL)
		return call;
	for (call = calls->by_channel; call != NULL; call = call->by_channel.next)
		if (call->id[0] == '\0' && strcmp(call->note.id, leg->call) == 0)
			return call;
	return NULL;
}

int
calls_adopt(struct calls *calls, const struct ari_leg *leg, const char *channel, json_t *found)
{
	struct call *call = find_caller(calls, leg, channel);

	if (call == NULL) {
		json_decref(found);
		return -1;
	}
	log_warn("call %s: leg %s of agent %s is up on node %s, and Redis does not know it; taken "
		 "over",
		 leg->call, leg->leg, leg->agent, node_name(calls->node));
	call_adopt(call, leg->leg, found);
	return 0;
}

void
calls_sweep(struct calls *calls, const json_t *records, const json_t *channels, int64_t before)
{
	struct call *call, *next;

	HASH_ITER(by_channel, calls->by_channel, call, next)
	{
		if (call->born >= before || call->running || call->commands > 0 ||
		    !STAILQ_EMPTY(&call->jobs) ||
		    (call->id[0] != '\0' && json_object_get(records, call->id) != NULL) ||
		    json_object_get(channels, call->channel) != NULL)
			continue;
		call->forgotten = true;
		call_reap(call);
	}
}

bool
calls_busy(const struct calls *calls, const char *id)
{
	struct call *call = call_find((struct calls *)calls, id);

	return call != NULL && (call->running || call->commands > 0 || !STAILQ_EMPTY(&call->jobs) ||
				call_is_paced(call));
}

bool
calls_know(const struct calls *calls, const char *channel)
{
	struct call *call = call_find_channel((struct calls *)calls, channel);

	if (call != NULL)
		return true;
	call = call_find_leg((struct calls *)calls, channel);
	return call != NULL && !call->stale && call->state != CALL_ENDED &&
	       (strcmp(call->leg, channel) == 0 || call_leg(call, channel) != NULL);
}

bool
calls_made(const struct calls *calls, const char *id, const char *leg)
{
	struct call *call = call_find((struct calls *)calls, id);
	struct leg *l = call != NULL ? call_leg(call, leg) : NULL;

	return l != NULL && l->made;
}

bool
calls_touched(const struct calls *calls, const char *id, const char *leg)
{
	struct call *call = call_find((struct calls *)calls, id);
	struct leg *l = call != NULL ? call_leg(call, leg) : NULL;

	return l != NULL && (l->made || l->dialled);
}

bool
calls_know_bridge(const struct calls *calls, const char *bridge)
{
	struct call *call = call_find_leg((struct calls *)calls, bridge);

	return call != NULL && strcmp(call->bridge, bridge) == 0 && call->state == CALL_TALKING;
}
