/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A call's commands to its node. Each may come too late, so each is built to find nothing then
 * (design 6): a leg is dialled only after Redis said that its offer lives, caller and leg are
 * joined by one addChannel, and only hang-ups that follow a committed end are repeated.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/call_priv.h"
#include "mqsd/conf.h"
#include "mqsd/node.h"

/* A command under way for a call, and what it was about. */
struct errand {
	struct call *call;
	char channel[160];
	char reason[24];
	char bridge[CALL_ID_MAX]; /* that the call was to have, or had */
};

static struct errand *
errand(struct call *call, const char *channel, const char *reason)
{
	struct errand *e = mem_zero(sizeof(*e));

	e->call = call;
	snprintf(e->channel, sizeof(e->channel), "%s", channel);
	snprintf(e->reason, sizeof(e->reason), "%s", reason);
	snprintf(e->bridge, sizeof(e->bridge), "%s", call->bridge);
	call->commands++;
	return e;
}

static void
errand_done(struct errand *e)
{
	e->call->commands--;
	call_reap(e->call);
	free(e);
}

/* The channel is not on the node. Of a call that we have done with nobody asks any more. */
static void
not_there(struct errand *e, const char *reason)
{
	if (!e->call->forgotten && !e->call->left)
		call_add_job(e->call, JOB_GONE, e->channel, reason, 0);
}

static void
on_asked(void *arg, long status, json_t *body, const char *why)
{
	struct errand *e = arg;

	(void)body;
	(void)why;
	if (status == 404)
		not_there(e, e->reason);
	errand_done(e);
}

static void
on_looked(void *arg, long status, json_t *body, const char *why)
{
	struct errand *e = arg;
	const char *state = json_string_value(json_object_get(body, "state"));

	(void)why;
	if (status == 404)
		not_there(e, e->reason);
	else if (status == 200 && state != NULL && strcmp(state, "Up") == 0)
		call_add_job(e->call, JOB_LEG_ANSWER, e->channel, "", 0);
	else if (status == 200 && node_may_end(e->call->calls->node))
		call_hang_up(e->call, e->channel,
			     strcmp(e->reason, "no_answer") == 0 ? e->reason : "normal");
	errand_done(e);
}

void
call_end_leg(struct call *call, const char *leg, const char *reason)
{
	node_command(call->calls->node, ARI_ASK, NULL, on_looked, errand(call, leg, reason), leg,
		     NULL);
}

/* GET /channels/{id}: only a 404, asked after the record was read, proves that a channel is gone.
 */
void
call_ask(struct call *call, const char *channel, const char *reason_if_gone)
{
	node_command(call->calls->node, ARI_ASK, NULL, on_asked,
		     errand(call, channel, reason_if_gone), channel, NULL);
}

static void
on_made(void *arg, long status, json_t *body, const char *why)
{
	struct errand *e = arg;
	struct call *call = e->call;
	const char *text = json_string_value(json_object_get(body, "message"));

	if (status == 0 || status == 409) {
		call_ask(call, e->channel, "node");
	} else if (status < 200 || status > 299) {
		log_warn("call %s: leg %s could not be created on node %s: %s", call->id,
			 e->channel, node_name(call->calls->node), text != NULL ? text : why);
		/* What the node calls our mistake is mostly a caller who has just left. */
		not_there(e, status == ARI_HTTP_OURS || (status >= 400 && status < 500) ? "mqsd"
											: "node");
	}
	errand_done(e);
}

void
call_create(struct call *call, struct leg *leg)
{
	const struct conf *conf = node_conf(call->calls->node);
	char *endpoint, *args;
	json_t *body;

	if (!node_may_build(call->calls->node)) {
		call_add_job(call, JOB_GONE, leg->id, "mqsd", 0);
		return;
	}
	endpoint = mem_printf("PJSIP/%s/%s", conf->ari_endpoint, leg->address);
	args = mem_printf("leg,%s,%s,%s", call->id, leg->id, leg->agent);
	body = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s}}", "endpoint", endpoint, "app",
			 conf->ari_app, "appArgs", args, "channelId", leg->id, "originator",
			 call->channel, "variables", "PJSIP_HEADER(add,X-MQS-Call)", leg->id);
	node_command(call->calls->node, ARI_CREATE, body, on_made, errand(call, leg->id, ""), NULL);
	free(endpoint);
	free(args);
}

static void
on_dialled(void *arg, long status, json_t *body, const char *why)
{
	struct errand *e = arg;
	struct leg *leg = call_leg(e->call, e->channel);
	const char *text = json_string_value(json_object_get(body, "message"));

	if (status == 404) {
		not_there(e, "gone");
	} else if (status <= 0 || status >= 400) {
		log_warn("call %s: leg %s could not be dialled: %s", e->call->id, e->channel,
			 text != NULL ? text : why);
		if (leg != NULL) {
			leg->heard = leg->dialled = false;
			leg->excused = leg->excused || status == ARI_HTTP_OURS;
		}
		/* Whether its phone rings is unknown: it is ended unless it has answered, and
		 * nothing is held against the agent. */
		call_end_leg(e->call, e->channel, "normal");
	}
	errand_done(e);
}

void
call_dial(struct call *call, struct leg *leg)
{
	char seconds[16];

	leg->dialled = true;
	leg->at = clock_mono_ms();
	if (!node_may_build(call->calls->node)) {
		leg->excused = true;
		call_hang_up(call, leg->id, "normal");
		return;
	}
	snprintf(seconds, sizeof(seconds), "%d", call->timeout_s);
	node_command(call->calls->node, ARI_DIAL, NULL, on_dialled, errand(call, leg->id, ""),
		     leg->id, call->channel, seconds, NULL);
}

static void
on_joined(void *arg, long status, json_t *body, const char *why)
{
	struct errand *e = arg;
	const char *text = json_string_value(json_object_get(body, "message"));

	/* Success is believed only from the events; of a failure whoever has left is the reason, or
	 * calls_watch() looks into it. */
	if (status < 200 || status > 299)
		log_warn("call %s: caller and agent %s could not be joined: %s", e->call->id,
			 e->call->agent, text != NULL ? text : why);
	if (status >= 400 && e->call->state == CALL_TALKING) {
		call_ask(e->call, e->call->channel, "hangup");
		call_ask(e->call, e->call->leg, "gone");
	}
	errand_done(e);
}

/* What was made for the bridge came after the agent, or everybody, had left. */
static void
join_no_more(struct call *call)
{
	if (call->state == CALL_ENDED)
		call_delete_bridge(call, call->bridge);
	else
		call_resume_waiting(call);
}

static void
on_ready_to_join(void *arg, long status, json_t *body, const char *why)
{
	struct errand *e = arg;
	struct call *call = e->call;

	(void)status;
	(void)body;
	(void)why;
	if (strcmp(e->bridge, call->bridge) != 0)
		call_delete_bridge(call, e->bridge); /* another is made since */
	else if (--call->joining == 0 && call->state != CALL_TALKING)
		join_no_more(call);
	else if (call->joining == 0 && !call->bridged && node_may_build(call->calls->node))
		node_command(call->calls->node, ARI_JOIN, NULL, on_joined,
			     errand(call, call->leg, ""), call->bridge, call->leg, call->channel,
			     NULL);
	errand_done(e);
}

void
call_stop_music(struct call *call)
{
	node_command(call->calls->node, ARI_MUSIC_STOP, NULL, on_ready_to_join,
		     errand(call, call->channel, ""), call->channel, NULL);
}

/* The music must end first, or the caller hears it beside the agent (field notes); and if it is
 * just being started again, it must have been. */
void
call_join(struct call *call)
{
	struct node *node = call->calls->node;

	if (!node_may_build(node))
		return;
	call->joining = 2;
	call->resumed = false;
	call->since = clock_mono_ms();
	if (!call->tuning)
		call_stop_music(call);
	node_command(node, ARI_BRIDGE, NULL, on_ready_to_join, errand(call, call->leg, ""),
		     call->bridge, NULL);
}

static void
on_hung_up(void *arg, long status, json_t *body, const char *why)
{
	struct errand *e = arg;
	struct call *call = e->call;

	(void)body;
	(void)why;
	/* Already gone: its event came, or was missed. */
	if (status == 404 && !call->stalled)
		not_there(e, "gone");
	errand_done(e);
}

void
call_hang_up(struct call *call, const char *channel, const char *reason)
{
	node_command(call->calls->node, ARI_HANG_UP, NULL, on_hung_up,
		     errand(call, channel, reason), channel, reason, NULL);
}

void
call_hang_up_open(struct call *call)
{
	size_t i;

	call->since = clock_mono_ms();
	if (call->open)
		call_hang_up(call, call->channel, "normal");
	if (call->leg_open)
		call_hang_up(call, call->leg, "normal");
	for (i = 0; i < call->leg_count; i++)
		if (!call_take_back(call, &call->legs[i]))
			call_hang_up(call, call->legs[i].id, "normal");
}

/* Without Redis one thing is done: when one side of a conversation has left, the other is released.
 * A caller who never met the agent, or is being transferred, waits on.
 */
void
call_release_other(struct call *call, const char *gone)
{
	if (call->state != CALL_TALKING || (call->transfer && strcmp(gone, call->leg) == 0))
		return;
	if (strcmp(gone, call->channel) == 0)
		call_hang_up(call, call->leg, "normal");
	else if (strcmp(gone, call->leg) == 0 && call->met)
		call_hang_up(call, call->channel, "normal");
}

void
call_let_go(struct call *call)
{
	if (call->state == CALL_TALKING && call->transfer && call->leg_open)
		call_hang_up(call, call->leg, "normal");
}

static void
on_done(void *arg, long status, json_t *body, const char *why)
{
	(void)status;
	(void)body;
	(void)why;
	errand_done(arg);
}

void
call_delete_bridge(struct call *call, const char *bridge)
{
	node_command(call->calls->node, ARI_UNBRIDGE, NULL, on_done, errand(call, bridge, ""),
		     bridge, NULL);
}

/* What a Redis that forgot everything can be told again: reconcile reads it from the channel. */
void
call_save_on_channel(struct call *call)
{
	char text[CALL_NOTE_MAX];

	if (strcmp(call_note_text(&call->note, text), call->saved) == 0)
		return;
	memcpy(call->saved, text, sizeof(text));
	node_command(call->calls->node, ARI_SAVE, NULL, on_done, errand(call, call->channel, ""),
		     call->channel, text, NULL);
}

/* Back to the dialplan, behind Stasis(): the operator's fallback. */
void
call_send_on(struct call *call)
{
	node_command(call->calls->node, ARI_SEND_ON, NULL, on_done, errand(call, call->channel, ""),
		     call->channel, NULL);
}

static void
on_stray(void *arg, long status, json_t *body, const char *why)
{
	(void)arg;
	(void)status;
	(void)body;
	(void)why;
}

void
calls_hang_up(struct calls *calls, const char *id, const char *channel)
{
	struct call *call = id != NULL ? call_find(calls, id) : NULL;

	if (call != NULL)
		call_hang_up(call, channel, "normal");
	else
		node_command(calls->node, ARI_HANG_UP, NULL, on_stray, calls, channel, "normal",
			     NULL);
}
