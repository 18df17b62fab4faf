/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/call.h"
#include "mqsd/node.h"
#include "mqsd/reconcile_priv.h"

/* A suspicion that is being looked into. */
struct doubt {
	struct reconcile *r;
	json_t *record;
	char *channel;
	const char *reason;
	bool touched; /* we had made or dialled the leg before */
};

static void
reconcile_free(struct reconcile *r)
{
	calls_looked(r->calls);
	json_decref(r->records);
	json_decref(r->claimed);
	json_decref(r->channels);
	json_decref(r->bridges);
	free(r);
}

static void
on_done(void *arg)
{
	struct reconcile *r = arg;

	r->found.skipped = r->skipped;
	if (!r->cancelled)
		r->done(r->arg,
			r->failed    ? RECONCILE_FAILED
			: r->skipped ? RECONCILE_UNSURE
				     : RECONCILE_DONE,
			&r->found);
	reconcile_free(r);
}

static void
finish(struct reconcile *r)
{
	if (r->open > 0)
		return;
	if (r->cancelled || r->failed) {
		on_done(r);
		return;
	}
	r->waiting = true;
	calls_when_done(r->calls, on_done, r);
}

static void
believe(const struct doubt *doubt, const char *id)
{
	struct reconcile *r = doubt->r;

	r->found.gone++;
	if (doubt->reason == NULL)
		calls_lost(r->calls, doubt->record, false);
	else
		calls_gone(r->calls, id, doubt->channel, doubt->reason);
}

static void
on_doubt(void *arg, long status, json_t *body, const char *why)
{
	struct doubt *doubt = arg;
	struct reconcile *r = doubt->r;
	const char *id = json_string_value(json_object_get(doubt->record, "id"));

	(void)body;
	(void)why;
	if (status == 404 && !r->cancelled &&
	    (calls_busy(r->calls, id) ||
	     calls_touched(r->calls, id, doubt->channel) != doubt->touched))
		r->skipped = true; /* the answer may be older than what we did meanwhile */
	else if (status == 404 && !r->cancelled)
		believe(doubt, id);
	else if (status != 200 && status != 404)
		r->failed = true;
	json_decref(doubt->record);
	free(doubt->channel);
	free(doubt);
	r->open--;
	finish(r);
}

void
reconcile_doubt(struct reconcile *r, const json_t *record, const char *channel, const char *reason)
{
	struct doubt *doubt = mem_zero(sizeof(*doubt));

	doubt->r = r;
	doubt->record = json_incref((json_t *)record);
	doubt->channel = mem_dup(channel);
	doubt->reason = reason;
	doubt->touched =
		calls_touched(r->calls, json_string_value(json_object_get(record, "id")), channel);
	r->open++;
	node_command(r->node, ARI_ASK, NULL, on_doubt, doubt, channel, NULL);
}

static void
on_swept(void *arg, long status, json_t *body, const char *why)
{
	struct reconcile *r = arg;

	(void)status;
	(void)body;
	(void)why;
	r->open--;
	finish(r);
}

void
reconcile_unbridge(struct reconcile *r, const char *bridge)
{
	r->open++;
	r->found.unbridged++;
	node_command(r->node, ARI_UNBRIDGE, NULL, on_swept, r, bridge, NULL);
}

static void
index_list(json_t *out, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		const char *id = json_string_value(json_object_get(item, "id"));

		if (id != NULL)
			json_object_set(out, id, item);
	}
}

static void
got_list(struct reconcile *r, json_t *out, long status, const json_t *body)
{
	r->open--;
	if (status != 200 || !json_is_array(body))
		r->failed = true;
	else
		index_list(out, body);
	if (r->open > 0)
		return;
	r->open = 1; /* compare() may send and get nothing */
	if (!r->failed && !r->cancelled)
		reconcile_compare(r);
	r->open--;
	finish(r);
}

static void
on_channels(void *arg, long status, json_t *body, const char *why)
{
	struct reconcile *r = arg;

	(void)why;
	got_list(r, r->channels, status, body);
}

static void
on_bridges(void *arg, long status, json_t *body, const char *why)
{
	struct reconcile *r = arg;

	(void)why;
	got_list(r, r->bridges, status, body);
}

static void
on_records(void *arg, json_t *reply)
{
	struct reconcile *r = arg;
	json_t *cursor = json_object_get(reply, "cursor");

	r->open--;
	if (pool_refusal(reply) != NULL || r->cancelled) {
		r->failed = true;
		finish(r);
		return;
	}
	index_list(r->records, json_object_get(reply, "calls"));
	r->open++;
	if (cursor != NULL) {
		node_script(r->node, "node_calls", json_pack("{s:O}", "cursor", cursor), on_records,
			    r);
		return;
	}
	r->open++;
	node_command(r->node, ARI_CHANNELS, NULL, on_channels, r, NULL);
	node_command(r->node, ARI_BRIDGES, NULL, on_bridges, r, NULL);
}

struct reconcile *
reconcile_start(struct node *node, struct calls *calls, bool died,
		void (*done)(void *arg, enum reconcile_end end,
			     const struct reconcile_found *found),
		void *arg)
{
	struct reconcile *r = mem_zero(sizeof(*r));

	r->node = node;
	r->calls = calls;
	r->died = died;
	r->done = done;
	r->arg = arg;
	r->records = json_object();
	r->claimed = json_object();
	r->channels = json_object();
	r->bridges = json_object();
	r->open = 1;
	r->started = clock_mono_ms();
	calls_look(calls);
	node_script(node, "node_calls", json_object(), on_records, r);
	return r;
}

void
reconcile_cancel(struct reconcile *r)
{
	if (r == NULL)
		return;
	r->cancelled = true;
	if (!r->waiting)
		return;
	calls_wait_no_more(r->calls);
	reconcile_free(r);
}
