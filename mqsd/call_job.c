/* SPDX-License-Identifier: BSD-2-Clause */

/* A call's jobs: one script at a time, and what its reply asks us to command. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/call_priv.h"
#include "mqsd/node.h"

static void on_reply(void *arg, json_t *reply);

/* NULL at the bound. */
static struct job *
new_job(struct call *call, enum job_kind kind, const char *channel)
{
	struct job *job;

	if (call->job_count >= CALL_JOBS_MAX) {
		log_error("call %s: %d things wait for Redis; the next reconcile finds out about "
			  "the rest",
			  call->id, CALL_JOBS_MAX);
		return NULL;
	}
	job = mem_zero(sizeof(*job));
	job->kind = kind;
	snprintf(job->channel, sizeof(job->channel), "%s", channel);
	STAILQ_INSERT_TAIL(&call->jobs, job, entry);
	call->job_count++;
	return job;
}

void
call_add_job(struct call *call, enum job_kind kind, const char *channel, const char *reason,
	     int sip_status)
{
	struct job *job = new_job(call, kind, channel);

	if (job == NULL)
		return;
	snprintf(job->reason, sizeof(job->reason), "%s", reason);
	job->sip_status = sip_status;
	call_run_jobs(call);
}

void
call_lose(struct call *call, const char *channel, bool unseen)
{
	struct job *job = new_job(call, JOB_GONE, channel);

	if (job == NULL)
		return;
	snprintf(job->reason, sizeof(job->reason), "node_lost");
	job->unseen = unseen;
	call_run_jobs(call);
}

void
call_adopt(struct call *call, const char *leg, json_t *found)
{
	struct job *job = new_job(call, JOB_ADOPT, leg);

	if (job == NULL) {
		json_decref(found);
		return;
	}
	job->found = found;
	call_run_jobs(call);
}

static void
drop_job(struct call *call)
{
	struct job *job = STAILQ_FIRST(&call->jobs);

	STAILQ_REMOVE_HEAD(&call->jobs, entry);
	call->job_count--;
	json_decref(job->found);
	free(job);
}

static json_t *
enter_args(const struct call *call)
{
	json_t *args = json_pack("{s:s, s:s, s:s, s:s, s:s}", "channel", call->channel, "queue",
				 call->queue, "number", call->number, "name", call->name, "sip",
				 call->sip);
	char *end;
	long long entered = strtoll(call->entered, &end, 10);

	if (end != call->entered && *end == '\0' && entered > 0)
		json_object_set_new(args, "entered",
				    json_integer(node_pool_time(call->calls->node, entered)));
	if (call->try[0] != '\0')
		json_object_set_new(args, "try", json_string(call->try));
	if (call->note.id[0] != '\0')
		json_object_set_new(args, "call", json_string(call->note.id));
	if (call->note.queue[0] != '\0') {
		json_object_set_new(args, "queue", json_string(call->note.queue));
		json_object_set_new(args, "priority", json_integer(call->note.priority));
		json_object_set_new(args, "entered", json_integer(call->note.entered));
	}
	return args;
}

static const char *const scripts[] = {
	[JOB_ENTER] = "call_enter",	[JOB_LEG_START] = "leg_start",
	[JOB_LEG_RING] = "leg_ring",	[JOB_LEG_ANSWER] = "leg_answer",
	[JOB_BRIDGED] = "call_bridged", [JOB_ADOPT] = "call_adopt",
	[JOB_GONE] = "channel_gone",
};

static json_t *
job_args(const struct call *call, const struct job *job)
{
	json_t *args;

	if (job->kind == JOB_ENTER)
		return enter_args(call);
	args = json_pack("{s:s, s:s}", "call", call->id, job->kind == JOB_GONE ? "channel" : "leg",
			 job->channel);
	json_object_update(args, job->found);
	if (job->kind == JOB_GONE) {
		json_object_set_new(args, "reason", json_string(job->reason));
		if (job->unseen)
			json_object_set_new(args, "unseen", json_true());
		if (call->met)
			json_object_set_new(args, "met", json_string(call->bridge));
		if (job->sip_status != 0)
			json_object_set_new(args, "sip_status", json_integer(job->sip_status));
	}
	return args;
}

/* A caller that left before its ENTER was ever sent need not enter. */
static bool
has_left(const struct call *call)
{
	const struct job *job = STAILQ_FIRST(&call->jobs);

	if (job->kind != JOB_ENTER || job->tried || call->id[0] != '\0')
		return false;
	STAILQ_FOREACH(job, &call->jobs, entry)
	{
		if (job->kind == JOB_GONE && strcmp(job->channel, call->channel) == 0)
			return true;
	}
	return false;
}

static void
drop_all(struct call *call)
{
	while (!STAILQ_EMPTY(&call->jobs))
		drop_job(call);
	call->forgotten = true;
}

void
call_drop_jobs(struct call *call)
{
	struct job *keep = call->running ? STAILQ_FIRST(&call->jobs) : NULL;

	if (keep != NULL)
		STAILQ_REMOVE_HEAD(&call->jobs, entry);
	while (!STAILQ_EMPTY(&call->jobs))
		drop_job(call);
	if (keep != NULL)
		STAILQ_INSERT_HEAD(&call->jobs, keep, entry);
}

void
call_run_jobs(struct call *call)
{
	struct job *job = STAILQ_FIRST(&call->jobs);

	if (job == NULL || call->running || call->stalled)
		return;
	if (job->kind != JOB_ENTER && call->id[0] == '\0') {
		/* Never entered: nothing in Redis can have changed. */
		if (job->kind == JOB_GONE)
			call->forgotten = true;
		drop_job(call);
		if (STAILQ_EMPTY(&call->jobs))
			call_done(call);
		else
			call_run_jobs(call);
		return;
	}
	if (has_left(call)) {
		drop_all(call);
		call_done(call);
		return;
	}
	call->running = job->tried = true;
	node_script(call->calls->node, scripts[job->kind], job_args(call, job), on_reply, call);
}

/* Refusals that say nothing of the job, only that it can't be done now. */
static bool
is_passing(const char *refused)
{
	static const char *const passing[] = {"no_redis", "recover", "not_owner", "not_yet"};
	size_t i;

	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strcmp(refused, passing[i]) == 0)
			return true;
	return false;
}

static const struct job *
waiting_job(const struct call *call, enum job_kind kind)
{
	const struct job *job;

	STAILQ_FOREACH(job, &call->jobs, entry)
	{
		if (job->kind == kind)
			return job;
	}
	return NULL;
}

/*
 * Redis forgot the queue, and nobody had a copy. Who talks to an agent is not sent anywhere: both
 * are left alone, and looked at again by each reconcile. Who waits goes on in the dialplan.
 */
static void
refuse_caller(struct call *call, const char *why)
{
	const struct job *talks = waiting_job(call, JOB_ADOPT);

	call->forgotten = true;
	if (talks != NULL) {
		log_error("node %s: channel %s talks, but its queue '%s' does not exist any more; "
			  "the conversation is left alone. Create it: mqsctl queue create %s",
			  node_name(call->calls->node), call->channel, call->queue, call->queue);
		if (waiting_job(call, JOB_GONE) != NULL)
			calls_hang_up(call->calls, NULL, talks->channel);
		return;
	}
	if (strcmp(why, "closed") == 0)
		log_info(
			"node %s: channel %s asks for queue %s, which is closed; it goes on in the "
			"dialplan's mqs-fallback",
			node_name(call->calls->node), call->channel, call->queue);
	else
		log_error("node %s: channel %s asks for queue '%s', which does not exist; it goes "
			  "on in the dialplan's mqs-fallback. Create it: mqsctl queue create %s",
			  node_name(call->calls->node), call->channel, call->queue, call->queue);
	call_send_on(call);
}

static void
entered(struct call *call, json_t *reply)
{
	const char *sent_on = json_string_value(json_object_get(reply, "sent_on"));
	const char *id;

	if (sent_on != NULL) {
		refuse_caller(call, sent_on);
		return;
	}
	if (json_is_true(json_object_get(reply, "late"))) {
		log_info("node %s: channel %s came late, another node has caller %s; hung up",
			 node_name(call->calls->node), call->channel, call->number);
		call->forgotten = true;
		calls_hang_up(call->calls, NULL, call->channel);
		return;
	}
	id = json_string_value(json_object_get(json_object_get(reply, "call"), "id"));
	if (id == NULL) {
		log_error("node %s: channel %s could not be entered into queue %s: %s; it keeps "
			  "waiting "
			  "and is tried again at the next reconcile",
			  node_name(call->calls->node), call->channel, call->queue,
			  json_string_value(json_object_get(reply, "text")));
		call->forgotten = true;
		return;
	}
	call_name(call, id);
	call->v = 0;
	call_apply(call, json_object_get(reply, "call"));
	call_save_on_channel(call);
}

static void
leg_started(struct call *call, const struct job *job, const char *refused)
{
	struct leg *leg = call_leg(call, job->channel);

	if (refused != NULL || leg == NULL)
		call_hang_up(call, job->channel, "normal");
	else
		call_dial(call, leg);
}

static void
leg_answered(struct call *call, const struct job *job, const char *refused)
{
	/* Redis may have forgotten the offer: the reconcile that is to come adopts the leg, or ends
	 * it. */
	if (refused != NULL && job->kind == JOB_LEG_ANSWER && node_is_recovering(call->calls->node))
		return;
	if (refused != NULL)
		call_hang_up(call, job->channel, "answered_elsewhere");
	else if (!call->bridged && call->joining == 0)
		call_join(call);
}

static void
gone(struct call *call, const struct job *job, json_t *reply, const char *refused)
{
	bool forgotten = json_is_true(json_object_get(reply, "forgotten"));

	if (refused != NULL && strcmp(refused, "no_such_call") == 0) {
		forgotten = true;
		call_release_other(call, job->channel); /* Redis forgot; nobody else will */
	}
	if (strcmp(job->channel, call->channel) == 0)
		call->open = false;
	if (call->state == CALL_ENDED && !forgotten)
		call_hang_up_open(call);
	if (forgotten && call->bridge[0] != '\0')
		call_delete_bridge(call, call->bridge);
	call->forgotten = call->forgotten || forgotten;
}

static void
take_reply(struct call *call, const struct job *job, json_t *reply, const char *refused)
{
	if (refused == NULL && job->kind != JOB_ENTER)
		call_apply(call, json_object_get(reply, "call"));
	call->since = clock_mono_ms();
	switch (job->kind) {
	case JOB_ENTER:
		entered(call, reply);
		break;
	case JOB_LEG_START:
		leg_started(call, job, refused);
		break;
	case JOB_LEG_ANSWER:
		leg_answered(call, job, refused);
		break;
	case JOB_LEG_RING:
	case JOB_BRIDGED:
		break;
	case JOB_ADOPT:
		leg_answered(call, job, refused);
		/* It was taken over from a list, and whoever left since then was nobody's to us. */
		if (refused == NULL) {
			call_ask(call, job->channel, "gone");
			call_ask(call, call->channel, "gone");
		}
		break;
	case JOB_GONE:
		gone(call, job, reply, refused);
		break;
	}
}

static void
on_reply(void *arg, json_t *reply)
{
	struct call *call = arg;
	const char *refused = pool_refusal(reply);
	struct job *job = STAILQ_FIRST(&call->jobs);
	struct job done = *job;

	call->running = false;
	if (refused != NULL && is_passing(refused) && call->left) {
		drop_job(call);
		call_reap(call);
		return;
	}
	if (refused != NULL && is_passing(refused)) {
		call->stalled = true;
		if (strcmp(refused, "not_owner") == 0)
			node_disown(call->calls->node);
		/* An owner of old touches nothing: the new one sees for itself. */
		if (job->kind == JOB_GONE && strcmp(refused, "not_owner") != 0)
			call_release_other(call, job->channel);
		if (strcmp(refused, "not_yet") == 0)
			call_done(call); /* a queue that never comes keeps no reconcile waiting */
		return;
	}
	drop_job(call);
	take_reply(call, &done, reply, refused);
	if (!STAILQ_EMPTY(&call->jobs))
		call_run_jobs(call);
	if (STAILQ_EMPTY(&call->jobs)) {
		call_done(call);
		call_reap(call);
	}
}
