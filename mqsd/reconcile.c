/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/reconcile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/ari_event.h"
#include "mqsd/call.h"
#include "mqsd/conf.h"
#include "mqsd/node.h"

struct reconcile {
	struct node *node;
	struct calls *calls;
	void (*done)(void *arg, int ok);
	void *arg;
	json_t *records;  /* id -> record */
	json_t *claimed;  /* channels that some record speaks of -> true */
	json_t *channels; /* id -> channel, as the node lists them */
	json_t *bridges;  /* id -> bridge */
	int64_t started;  /* mono ms */
	int open;	  /* replies awaited */
	bool cancelled, failed;
};

/* A suspicion: this channel of this call is not in the list. */
struct doubt {
	struct reconcile *r;
	char *call, *channel;
	const char *reason;
};

static void
finish(struct reconcile *r)
{
	if (r->open > 0)
		return;
	if (!r->cancelled)
		r->done(r->arg, !r->failed);
	json_decref(r->records);
	json_decref(r->claimed);
	json_decref(r->channels);
	json_decref(r->bridges);
	free(r);
}

static void
on_doubt(void *arg, long status, json_t *body, const char *why)
{
	struct doubt *doubt = arg;
	struct reconcile *r = doubt->r;

	(void)body;
	(void)why;
	if (status == 404 && !r->cancelled)
		calls_gone(r->calls, doubt->call, doubt->channel, doubt->reason);
	free(doubt->call);
	free(doubt->channel);
	free(doubt);
	r->open--;
	finish(r);
}

static void
doubt(struct reconcile *r, const char *call, const char *channel, const char *reason)
{
	struct doubt *d;

	if (calls_busy(r->calls, call))
		return;
	d = mem_zero(sizeof(*d));
	d->r = r;
	d->call = mem_dup(call);
	d->channel = mem_dup(channel);
	d->reason = reason;
	r->open++;
	node_command(r->node, ARI_ASK, NULL, on_doubt, d, channel, NULL);
}

static const char *
text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* A leg of a live offer, by the state of its channel. */
static void
check_leg(struct reconcile *r, const char *call, const char *leg)
{
	const char *state = text(json_object_get(r->channels, leg), "state");

	if (state == NULL)
		doubt(r, call, leg, "gone");
	else if (strcmp(state, "Up") == 0)
		calls_leg_up(r->calls, call, leg);
	else if (strcmp(state, "Down") != 0)
		calls_leg_ringing(r->calls, call, leg);
	else if (!calls_made(r->calls, call, leg)) {
		calls_hangup(r->calls, leg);
		calls_gone(r->calls, call, leg, "gone");
	}
}

static bool
bridge_has(const json_t *bridge, const char *channel)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(bridge, "channels"), i, item)
	{
		if (strcmp(json_string_value(item), channel) == 0)
			return true;
	}
	return false;
}

static void
check_talk(struct reconcile *r, const json_t *record, const char *id, const char *caller)
{
	const char *leg = text(record, "leg");
	const json_t *bridge = json_object_get(r->bridges, text(record, "bridge"));

	if (json_object_get(r->channels, leg) == NULL)
		doubt(r, id, leg, "gone");
	else if (json_object_get(r->channels, caller) != NULL && !calls_busy(r->calls, id) &&
		 !(bridge_has(bridge, caller) && bridge_has(bridge, leg)))
		calls_connect(r->calls, id);
	else if (text(record, "bridged") == NULL && bridge_has(bridge, caller) &&
		 bridge_has(bridge, leg) && !calls_busy(r->calls, id))
		calls_bridged(r->calls, id);
}

static void
check_record(struct reconcile *r, const json_t *record)
{
	const char *id = text(record, "id"), *state = text(record, "state");
	const char *caller = text(record, "channel"), *open = text(record, "open");
	const json_t *leg;
	size_t i;

	if (id == NULL || state == NULL || caller == NULL || calls_busy(r->calls, id))
		return;
	if (open != NULL && json_object_get(r->channels, caller) == NULL)
		doubt(r, id, caller, "hangup");
	if (strcmp(state, "ended") == 0) {
		if (text(record, "leg_open") != NULL &&
		    json_object_get(r->channels, text(record, "leg")) == NULL)
			doubt(r, id, text(record, "leg"), "gone");
		calls_ended(r->calls, (json_t *)record);
		return;
	}
	if (strcmp(state, "talking") == 0)
		check_talk(r, record, id, caller);
	json_array_foreach(json_object_get(record, "legs"), i, leg)
		check_leg(r, id, text(leg, "id"));
}

/* Our bridges are named <call>.<n>; others on the node are none of our business. */
static bool
is_ours(const char *bridge)
{
	return strspn(bridge, "0123456789") == 16 && bridge[16] == '-' &&
	       strchr(bridge, '.') != NULL;
}

/* Two people talk there; whatever Redis has forgotten, they are not to be parted. */
static bool
is_conversation(const char *id, const json_t *bridge)
{
	return is_ours(id) && json_array_size(json_object_get(bridge, "channels")) >= 2;
}

static bool
in_conversation(struct reconcile *r, const char *channel)
{
	const char *id;
	json_t *bridge;

	json_object_foreach(r->bridges, id, bridge)
	{
		if (is_conversation(id, bridge) && bridge_has(bridge, channel))
			return true;
	}
	return false;
}

/* A channel that no record speaks of: a caller enters, a leg of ours is a stray. */
static void
check_channel(struct reconcile *r, const json_t *json)
{
	const char *app = node_conf(r->node)->ari_app;
	struct ari_channel channel;
	struct ari_caller caller;
	size_t len = strlen(app);

	if (ari_channel_parse(json, &channel) != 0 ||
	    json_object_get(r->claimed, channel.id) != NULL || in_conversation(r, channel.id))
		return;
	if (ari_channel_caller(&channel, app, &caller) == 0) {
		if (channel.entered != NULL)
			snprintf(caller.entered, sizeof(caller.entered), "%s", channel.entered);
		calls_enter(r->calls, &channel, &caller);
	} else if (channel.app_name != NULL && strcmp(channel.app_name, "Stasis") == 0 &&
		   channel.app_data != NULL && strncmp(channel.app_data, app, len) == 0 &&
		   strncmp(channel.app_data + len, ",leg,", 5) == 0 &&
		   !calls_know(r->calls, channel.id)) {
		log_warn("node %s: leg %s belongs to no live offer; hung up", node_name(r->node),
			 channel.id);
		calls_hangup(r->calls, channel.id);
	}
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

static void
check_bridge(struct reconcile *r, const char *id)
{
	if (!is_ours(id) || json_object_get(r->claimed, id) != NULL ||
	    calls_know_bridge(r->calls, id) || is_conversation(id, json_object_get(r->bridges, id)))
		return;
	r->open++;
	node_command(r->node, ARI_UNBRIDGE, NULL, on_swept, r, id, NULL);
}

static void
claim_names(struct reconcile *r, const json_t *record)
{
	static const char *const keys[] = {"channel", "leg", "bridge"};
	const json_t *leg;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (text(record, keys[i]) != NULL &&
		    !(i == 2 && strcmp(text(record, "state"), "talking") != 0))
			json_object_set_new(r->claimed, text(record, keys[i]), json_true());
	json_array_foreach(json_object_get(record, "legs"), i, leg)
		json_object_set_new(r->claimed, text(leg, "id"), json_true());
}

static void
compare(struct reconcile *r)
{
	const char *key;
	json_t *value;

	json_object_foreach(r->records, key, value) calls_take(r->calls, value);
	json_object_foreach(r->records, key, value) claim_names(r, value);
	json_object_foreach(r->records, key, value) check_record(r, value);
	json_object_foreach(r->channels, key, value) check_channel(r, value);
	json_object_foreach(r->bridges, key, value) check_bridge(r, key);
}

static void
index_list(json_t *out, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		if (text(item, "id") != NULL)
			json_object_set(out, text(item, "id"), item);
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
		compare(r);
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
reconcile_start(struct node *node, struct calls *calls, void (*done)(void *arg, int ok), void *arg)
{
	struct reconcile *r = mem_zero(sizeof(*r));

	r->node = node;
	r->calls = calls;
	r->done = done;
	r->arg = arg;
	r->records = json_object();
	r->claimed = json_object();
	r->channels = json_object();
	r->bridges = json_object();
	r->open = 1;
	r->started = clock_mono_ms();
	node_script(node, "node_calls", json_object(), on_records, r);
	return r;
}

void
reconcile_cancel(struct reconcile *r)
{
	if (r != NULL)
		r->cancelled = true;
}
