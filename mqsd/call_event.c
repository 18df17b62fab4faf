/* SPDX-License-Identifier: BSD-2-Clause */

/* What the node says of a call's channels, turned into jobs; and what it should have said by now.
 */

#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "mqsd/call_priv.h"
#include "mqsd/code.h"
#include "mqsd/conf.h"
#include "mqsd/node.h"

#define LATE_MS 3000 /* a step that normally takes a few ms is looked into after so long */
#define UNHEARD_MS                                                                                 \
	4000	      /* no reply in so long, while there is a doubt: Kamailio gives a phone 3 s */
#define GRACE_MS 5000 /* beyond the ring time-out, which is Asterisk's own */

static void
on_stasis_start(struct calls *calls, const struct ari_event *event)
{
	struct ari_caller caller;
	struct call *call;

	if (event->args[0] != NULL && strcmp(event->args[0], "code") == 0) {
		code_called(calls->node, event->channel.id, event->args[1], event->args[2]);
		return;
	}
	if (event->args[0] != NULL && strcmp(event->args[0], "leg") == 0) {
		call = call_find_leg(calls, event->channel.id);
		if (call == NULL || call_leg(call, event->channel.id) == NULL)
			calls_hang_up(calls, NULL, event->channel.id);
		else
			call_add_job(call, JOB_LEG_START, event->channel.id, "", 0);
		return;
	}
	if (ari_channel_caller(&event->channel, node_conf(calls->node)->ari_app, &caller) != 0) {
		log_warn("node %s: channel %s entered Stasis with arguments that are not ours; see "
			 "the "
			 "dialplan in etc/asterisk/extensions.conf",
			 node_name(calls->node), event->channel.id);
		return;
	}
	calls_enter(calls, &event->channel, &caller);
}

static void
on_stasis_end(struct calls *calls, const struct ari_event *event)
{
	struct call *call;

	HASH_FIND(by_channel, calls->by_channel, event->channel.id, strlen(event->channel.id),
		  call);
	if (call != NULL)
		call_add_job(call, JOB_GONE, event->channel.id,
			     call->parting != NULL ? call->parting : "hangup", 0);
}

/* A caller's StasisEnd says no cause, and no more events follow for it; this comes before. */
static void
on_hangup_request(struct calls *calls, const struct ari_event *event)
{
	struct call *call;

	HASH_FIND(by_channel, calls->by_channel, event->channel.id, strlen(event->channel.id),
		  call);
	if (call != NULL && event->cause == ARI_CAUSE_VANISHED)
		call->parting = "vanished";
	if (call != NULL && event->cause == ARI_CAUSE_LATE)
		call->parting = "late";
}

/* Asterisk's own ring time-out has passed. */
static bool
timed_out(const struct call *call, const struct leg *leg)
{
	return leg->dialled && clock_mono_ms() - leg->at >= call->timeout_s * 1000LL - 200;
}

static void
on_destroyed(struct calls *calls, const struct ari_event *event)
{
	struct call *call = call_find_leg(calls, event->channel.id);
	struct leg *leg = call != NULL ? call_leg(call, event->channel.id) : NULL;
	const char *reason = event->cause == ARI_CAUSE_VANISHED ? "vanished" : "gone";

	if (call == NULL)
		return;
	if (leg != NULL && call->state == CALL_RINGING)
		reason = leg->excused ? "mqsd"
				      : ari_leg_reason(event->cause, event->tech_cause, leg->heard,
						       timed_out(call, leg));
	if (leg != NULL || strcmp(call->leg, event->channel.id) == 0)
		call_add_job(call, JOB_GONE, event->channel.id, reason, event->tech_cause);
}

/* While anything failed lately, it matters that a phone can be reached. */
static void
hear(struct call *call, struct leg *leg)
{
	if (leg->heard)
		return;
	leg->heard = true;
	if (call->doubt && call->state == CALL_RINGING)
		call_add_job(call, JOB_LEG_RING, leg->id, "", 0);
}

/* 183 shows in no channel's state. */
static void
on_dial(struct calls *calls, const struct ari_event *event)
{
	struct call *call = call_find_leg(calls, event->channel.id);
	struct leg *leg = call != NULL ? call_leg(call, event->channel.id) : NULL;

	if (leg != NULL && event->dialstatus != NULL &&
	    (strcmp(event->dialstatus, "PROGRESS") == 0 ||
	     strcmp(event->dialstatus, "RINGING") == 0))
		hear(call, leg);
}

static void
on_state(struct calls *calls, const struct ari_event *event)
{
	struct call *call = call_find_leg(calls, event->channel.id);
	struct leg *leg = call != NULL ? call_leg(call, event->channel.id) : NULL;

	if (leg == NULL)
		return;
	if (strcmp(event->channel.state, "Ringing") == 0)
		hear(call, leg);
	else if (strcmp(event->channel.state, "Up") == 0)
		call_add_job(call, JOB_LEG_ANSWER, event->channel.id, "", 0);
}

static void
on_bridge(struct calls *calls, const struct ari_event *event, bool in)
{
	struct call *call = call_find_leg(calls, event->bridge);

	if (call == NULL || strcmp(call->bridge, event->bridge) != 0)
		return;
	if (strcmp(event->channel.id, call->channel) == 0)
		call->caller_in = in;
	else if (strcmp(event->channel.id, call->leg) == 0)
		call->leg_in = in;
	call->met = call->met || (call->caller_in && call->leg_in);
	if (call->caller_in && call->leg_in && !call->bridged)
		call_add_job(call, JOB_BRIDGED, call->leg, "", 0);
}

void
calls_event(struct calls *calls, const struct ari_event *event)
{
	if (calls->seen_gone != NULL &&
	    (event->type == ARI_STASIS_END || event->type == ARI_CHANNEL_DESTROYED))
		json_object_set_new(calls->seen_gone, event->channel.id, json_true());
	switch (event->type) {
	case ARI_STASIS_START:
		on_stasis_start(calls, event);
		break;
	case ARI_STASIS_END:
		on_stasis_end(calls, event);
		break;
	case ARI_CHANNEL_HANGUP_REQUEST:
		on_hangup_request(calls, event);
		break;
	case ARI_CHANNEL_DIAL:
		on_dial(calls, event);
		break;
	case ARI_CHANNEL_DESTROYED:
		on_destroyed(calls, event);
		break;
	case ARI_CHANNEL_STATE_CHANGE:
		on_state(calls, event);
		break;
	case ARI_CHANNEL_ENTERED_BRIDGE:
		on_bridge(calls, event, true);
		break;
	case ARI_CHANNEL_LEFT_BRIDGE:
		on_bridge(calls, event, false);
		break;
	default:
		break;
	}
}

static void
watch_ringing(struct call *call, int64_t now)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++) {
		struct leg *leg = &call->legs[i];
		int64_t limit = leg->dialled ? call->timeout_s * 1000LL + GRACE_MS : LATE_MS;

		if (call->doubt && leg->dialled && !leg->heard && limit > UNHEARD_MS)
			limit = UNHEARD_MS;

		if (leg->turn != NULL || now - leg->at < limit)
			continue;
		leg->at = now;
		call_end_leg(call, leg->id, leg->dialled && leg->heard ? "no_answer" : "node");
	}
}

static void
watch(struct call *call, int64_t now)
{
	if (call->running || call->commands > 0 || !STAILQ_EMPTY(&call->jobs))
		return;
	if (call->state == CALL_RINGING) {
		watch_ringing(call, now);
		return;
	}
	if (now - call->since < LATE_MS)
		return;
	call->since = now;
	if (call->state == CALL_TALKING && !call->bridged) {
		call_ask(call, call->channel, "hangup");
		call_ask(call, call->leg, "gone");
		call_join(call);
	} else if (call->state == CALL_ENDED) {
		call_hang_up_open(call);
	} else {
		call_let_go(call);
	}
}

void
calls_watch(struct calls *calls)
{
	int64_t now = clock_mono_ms();
	struct call *call, *next;

	for (call = TAILQ_FIRST(&calls->active); call != NULL; call = next) {
		next = TAILQ_NEXT(call, entry);
		watch(call, now);
	}
}
