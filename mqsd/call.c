/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/call.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/call_priv.h"
#include "mqsd/node.h"

#define FOREIGN_MAX 128 /* bytes kept of a caller's number, name or Call-ID, made printable */
#define PRINTED_MAX 4	/* bytes that one foreign character becomes at most */

struct calls *
calls_new(struct node *node)
{
	struct calls *calls = mem_zero(sizeof(*calls));

	calls->node = node;
	TAILQ_INIT(&calls->active);
	return calls;
}

/* Ringing, or talking and not bridged yet. */
static bool
is_offer(const struct call *call)
{
	return call->state == CALL_RINGING || (call->state == CALL_TALKING && !call->bridged);
}

static void
call_free(struct call *call)
{
	struct calls *calls = call->calls;
	struct job *job;
	size_t i;

	for (i = 0; i < call->leg_count; i++)
		call_unpace(&call->legs[i]);
	if (call->id[0] != '\0')
		HASH_DELETE(by_id, calls->by_id, call);
	HASH_DELETE(by_channel, calls->by_channel, call);
	if (call->active)
		TAILQ_REMOVE(&calls->active, call, entry);
	call_done(call);
	while ((job = STAILQ_FIRST(&call->jobs)) != NULL) {
		STAILQ_REMOVE_HEAD(&call->jobs, entry);
		json_decref(job->found);
		free(job);
	}
	free(call->legs);
	free(call->channel);
	free(call->queue);
	free(call->number);
	free(call->name);
	free(call->sip);
	free(call->entered);
	free(call->try);
	free(call);
}

void
calls_free(struct calls *calls)
{
	struct call *call, *next;

	calls_wait_no_more(calls);
	json_decref(calls->seen_gone);
	HASH_ITER(by_channel, calls->by_channel, call, next)
	call_free(call);
	free(calls);
}

void
call_reap(struct call *call)
{
	if (call->forgotten && !call->running && call->commands == 0 && STAILQ_EMPTY(&call->jobs))
		call_free(call);
}

void
call_done(struct call *call)
{
	struct calls *calls = call->calls;

	if (!call->awaited)
		return;
	call->awaited = false;
	if (--calls->awaited == 0)
		calls->idle(calls->idle_arg);
}

void
calls_when_done(struct calls *calls, void (*idle)(void *arg), void *arg)
{
	struct call *call, *next;

	calls->idle = idle;
	calls->idle_arg = arg;
	calls->awaited = 1; /* nobody is told before all are counted */
	HASH_ITER(by_channel, calls->by_channel, call, next)
	{
		call->awaited = !STAILQ_EMPTY(&call->jobs);
		calls->awaited += call->awaited;
	}
	if (--calls->awaited == 0)
		idle(arg);
}

void
calls_wait_no_more(struct calls *calls)
{
	struct call *call, *next;

	HASH_ITER(by_channel, calls->by_channel, call, next)
	call->awaited = false;
	calls->awaited = 0;
}

void
call_set_active(struct call *call)
{
	bool want = call->state >= CALL_RINGING;

	if (want && !call->active)
		TAILQ_INSERT_TAIL(&call->calls->active, call, entry);
	else if (!want && call->active)
		TAILQ_REMOVE(&call->calls->active, call, entry);
	call->active = want;
}

struct call *
call_find_channel(struct calls *calls, const char *channel)
{
	struct call *call;

	HASH_FIND(by_channel, calls->by_channel, channel, strlen(channel), call);
	return call;
}

struct call *
call_find(struct calls *calls, const char *id)
{
	struct call *call;

	HASH_FIND(by_id, calls->by_id, id, strlen(id), call);
	return call;
}

struct call *
call_find_leg(struct calls *calls, const char *leg)
{
	const char *dot = strrchr(leg, '.');
	struct call *call;

	if (dot == NULL)
		return NULL;
	HASH_FIND(by_id, calls->by_id, leg, (size_t)(dot - leg), call);
	return call;
}

struct leg *
call_leg(struct call *call, const char *id)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++)
		if (strcmp(call->legs[i].id, id) == 0)
			return &call->legs[i];
	return NULL;
}

void
call_name(struct call *call, const char *id)
{
	if (strcmp(call->id, id) == 0)
		return;
	if (call->id[0] != '\0')
		HASH_DELETE(by_id, call->calls->by_id, call);
	snprintf(call->id, sizeof(call->id), "%s", id);
	HASH_ADD(by_id, call->calls->by_id, id, strlen(call->id), call);
}

static struct call *
call_new(struct calls *calls, const char *channel)
{
	struct call *call = mem_zero(sizeof(*call));

	call->calls = calls;
	call->channel = mem_dup(channel);
	call->open = true;
	call->since = call->born = clock_mono_ms();
	STAILQ_INIT(&call->jobs);
	HASH_ADD_KEYPTR(by_channel, calls->by_channel, call->channel, strlen(call->channel), call);
	return call;
}

static char *
printable(const char *s)
{
	char out[FOREIGN_MAX];

	text_printable(out, sizeof(out), s != NULL ? s : "", s != NULL ? strlen(s) : 0);
	return mem_dup(out);
}

static void
replace(char **field, char *value)
{
	free(*field);
	*field = value;
}

/* The node has come back before we were done with the call. */
static void
call_stay(struct call *call)
{
	if (call->left)
		call->left = call->forgotten = call->stalled = false;
}

void
calls_enter(struct calls *calls, const struct ari_channel *channel, const struct ari_caller *caller)
{
	struct call *call = call_find_channel(calls, channel->id);
	struct call_note note;

	if (call == NULL)
		call = call_new(calls, channel->id);
	else if (!STAILQ_EMPTY(&call->jobs))
		return;
	call_stay(call);
	replace(&call->queue, printable(caller->queue));
	replace(&call->entered, mem_dup(caller->entered));
	replace(&call->try, mem_dup(caller->try));
	replace(&call->number, printable(channel->number));
	replace(&call->name, printable(channel->name));
	replace(&call->sip, printable(channel->sip_call_id));
	/* One that was cut may be that of another caller, too, who is no rival. */
	if (strlen(call->sip) + PRINTED_MAX >= FOREIGN_MAX)
		call->try[0] = '\0';
	snprintf(call->saved, sizeof(call->saved), "%s",
		 channel->saved_call != NULL ? channel->saved_call : "");
	if (call_note_parse(channel->saved_call, &note) == 0)
		call->note = note; /* else what we know ourselves */
	call_add_job(call, JOB_ENTER, channel->id, "", 0);
}

void
calls_take(struct calls *calls, json_t *view)
{
	const char *id = json_string_value(json_object_get(view, "id"));
	const char *channel = json_string_value(json_object_get(view, "channel"));
	struct call *call;

	if (id == NULL || channel == NULL)
		return;
	call = call_find(calls, id);
	if (call == NULL)
		call = call_find_channel(calls, channel);
	if (call == NULL)
		call = call_new(calls, channel);
	call_stay(call);
	call_name(call, id);
	call_apply(call, view);
}

/* After Redis forgot, versions begin anew; the next record is the truth. */
void
calls_unversion(struct calls *calls)
{
	struct call *call, *next;

	HASH_ITER(by_channel, calls->by_channel, call, next)
	{
		call->v = 0;
		call->stale = true;
	}
}

void
calls_claim(struct calls *calls, json_t *view)
{
	const char *id = json_string_value(json_object_get(view, "id"));
	struct call *call = id != NULL ? call_find(calls, id) : NULL;

	if (call == NULL) {
		calls_take(calls, view);
		call = id != NULL ? call_find(calls, id) : NULL;
	} else {
		call_apply(call, view);
	}
	if (call != NULL && call->state == CALL_RINGING)
		call_make_legs(call);
}

void
calls_changed(struct calls *calls, json_t *view)
{
	const char *id = json_string_value(json_object_get(view, "id"));
	struct call *call;

	calls_claim(calls, view);
	calls_ended(calls, view);
	call = id != NULL ? call_find(calls, id) : NULL;
	if (call != NULL)
		call_let_go(call);
}

void
calls_ended(struct calls *calls, json_t *view)
{
	const char *id = json_string_value(json_object_get(view, "id"));
	struct call *call = id != NULL ? call_find(calls, id) : NULL;

	if (call == NULL)
		return;
	call_apply(call, view);
	if (call->state == CALL_ENDED)
		call_hang_up_open(call);
}

void
calls_retry(struct calls *calls)
{
	struct call *call, *next;

	HASH_ITER(by_channel, calls->by_channel, call, next)
	{
		call->stalled = false;
		call_run_jobs(call);
	}
}

void
calls_leave(struct calls *calls)
{
	struct call *call, *next;
	size_t i;

	HASH_ITER(by_channel, calls->by_channel, call, next)
	{
		for (i = 0; i < call->leg_count; i++)
			call_unpace(&call->legs[i]);
		call_drop_jobs(call);
		call->v = 0;
		call->left = call->forgotten = true;
		call_reap(call);
	}
}

bool
calls_quiet(const struct calls *calls)
{
	const struct call *call;

	for (call = calls->by_channel; call != NULL; call = call->by_channel.next)
		if (call->running || call->commands > 0 || !STAILQ_EMPTY(&call->jobs))
			return false;
	return true;
}

size_t
calls_offers(const struct calls *calls)
{
	const struct call *call;
	size_t offers = 0;

	TAILQ_FOREACH(call, &calls->active, entry)
	offers += is_offer(call);
	return offers;
}
