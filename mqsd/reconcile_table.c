/* SPDX-License-Identifier: BSD-2-Clause */

/* What the record says, what the node shows, and what is to be done: design 7's table. */

#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "mqsd/ari_event.h"
#include "mqsd/call.h"
#include "mqsd/code.h"
#include "mqsd/conf.h"
#include "mqsd/node.h"
#include "mqsd/reconcile_priv.h"

/* What the record says of the call that the channel belongs to. */
enum record { NONE = 1, WAITING = 2, RINGING = 4, TALKING = 8, ENDED = 16, ANY = 31 };

/* What the channel is: the last two are known by the channel alone, no record speaks of them. */
enum role { CALLER = 1, OFFERED = 2, WON = 4, NEWCOMER = 8, STRAY = 16 };

/* How the node shows it. */
enum seen { GONE = 1, DOWN = 2, RINGS = 4, UP = 8, THERE = 14 };

struct subject {
	enum record record;
	enum role role;
	enum seen seen;
	const char *call, *channel; /* call: NULL for a newcomer */
	const json_t *view;	    /* the call's record, or NULL */
	const json_t *listed;	    /* the channel, or NULL */
};

typedef void act(struct reconcile *r, const struct subject *s);

static const char *
text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool
bridge_has(const json_t *bridge, const char *channel)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(bridge, "channels"), i, item)
	{
		if (channel != NULL && strcmp(json_string_value(item), channel) == 0)
			return true;
	}
	return false;
}

/* Our bridges are named <call>.<n>; others on the node are none of our business. */
static bool
is_ours(const char *bridge)
{
	return strspn(bridge, "0123456789") == 16 && bridge[16] == '-' &&
	       strchr(bridge, '.') != NULL;
}

static void
ask(struct reconcile *r, const struct subject *s)
{
	const char *reason = s->role != CALLER ? "gone" : r->died ? NULL : "hangup";

	reconcile_doubt(r, s->view, s->channel, reason);
}

static void
hang_up(struct reconcile *r, const struct subject *s)
{
	r->found.hung_up++;
	calls_hang_up(r->calls, s->call, s->channel);
}

static void
hang_up_stray(struct reconcile *r, const struct subject *s)
{
	if (calls_know(r->calls, s->channel))
		return;
	log_warn("node %s: leg %s belongs to no live offer; hung up", node_name(r->node),
		 s->channel);
	r->found.hung_up++;
	calls_hang_up(r->calls, NULL, s->channel);
}

/* Only the process that made a leg dials it; another's is no use to anybody. */
static void
put_back(struct reconcile *r, const struct subject *s)
{
	if (calls_made(r->calls, s->call, s->channel))
		return;
	r->found.put_back++;
	calls_hang_up(r->calls, NULL, s->channel);
	calls_gone(r->calls, s->call, s->channel, "gone");
}

static void
keep(struct reconcile *r, const struct subject *s)
{
	calls_leg_ringing(r->calls, s->call, s->channel);
}

static void
answer(struct reconcile *r, const struct subject *s)
{
	r->found.answered++;
	calls_leg_up(r->calls, s->call, s->channel);
}

/* Talking in the record: are both in their bridge? */
static void
connect(struct reconcile *r, const struct subject *s)
{
	const char *caller = text(s->view, "channel");
	const json_t *bridge = json_object_get(r->bridges, text(s->view, "bridge"));

	if (json_object_get(r->channels, caller) == NULL)
		return;
	if (!bridge_has(bridge, caller) || !bridge_has(bridge, s->channel)) {
		r->found.joined++;
		calls_connect(r->calls, s->call, text(s->view, "bridged") != NULL);
	} else if (text(s->view, "bridged") == NULL) {
		calls_bridged(r->calls, s->call);
	}
}

static void
enter(struct reconcile *r, const struct subject *s)
{
	struct ari_channel channel;
	struct ari_caller caller;

	if (ari_channel_parse(s->listed, &channel) != 0 ||
	    ari_channel_caller(&channel, node_conf(r->node)->ari_app, &caller) != 0)
		return;
	if (channel.entered != NULL)
		snprintf(caller.entered, sizeof(caller.entered), "%s", channel.entered);
	r->found.entered++;
	calls_enter(r->calls, &channel, &caller);
}

/* The bridge of ours that the leg is in, and the other channel there. */
static const char *
find_bridge(struct reconcile *r, const char *leg, const char **other)
{
	const json_t *item;
	const char *id;
	json_t *bridge;
	size_t i;

	json_object_foreach(r->bridges, id, bridge)
	{
		if (!is_ours(id) || !bridge_has(bridge, leg))
			continue;
		json_array_foreach(json_object_get(bridge, "channels"), i, item)
		{
			if (strcmp(json_string_value(item), leg) != 0)
				*other = json_string_value(item);
		}
		return id;
	}
	return NULL;
}

/* Two people may be talking there; whatever Redis has forgotten, they are not to be parted. */
static void
adopt(struct reconcile *r, const struct subject *s)
{
	struct ari_channel channel;
	struct ari_leg leg;
	const char *caller = NULL, *bridge;
	int64_t since = 0;

	if (calls_know(r->calls, s->channel) || ari_channel_parse(s->listed, &channel) != 0 ||
	    ari_channel_leg(&channel, node_conf(r->node)->ari_app, &leg) != 0)
		return;
	bridge = find_bridge(r, s->channel, &caller);
	if (caller != NULL)
		since = ari_time_ms(text(json_object_get(r->bridges, bridge), "creationtime"));
	if (calls_adopt(r->calls, &leg, caller,
			json_pack("{s:s, s:s, s:I}", "agent", leg.agent, "bridge",
				  caller != NULL ? bridge : "", "bridged", (json_int_t)since)) != 0)
		hang_up_stray(r, s);
	else {
		r->found.adopted++;
		if (bridge != NULL)
			json_object_set_new(r->claimed, bridge, json_true());
	}
}

/* The first row that fits. Nothing fits: it is as it should be. */
static const struct rule {
	unsigned record, role, seen;
	act *act;
} rules[] = {
	{NONE, NEWCOMER, THERE, enter},
	{ANY, CALLER, GONE, ask}, /* 404: ends, frees the agent, deletes the legs */
	{ENDED, CALLER | OFFERED | WON, THERE, hang_up},
	{RINGING | TALKING | ENDED, OFFERED | WON, GONE, ask}, /* 404: put back, or agent left */
	{RINGING, OFFERED, DOWN, put_back},
	{RINGING, OFFERED, RINGS, keep},
	{RINGING, OFFERED, UP, answer},
	{TALKING, WON, THERE, connect},
	{TALKING, OFFERED, THERE, hang_up}, /* two legs: the record's is kept */
	{NONE | WAITING | RINGING, STRAY, UP, adopt},
	{ANY, STRAY, THERE, hang_up_stray},
};

static void
apply(struct reconcile *r, const struct subject *s)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!(rules[i].record & s->record) || !(rules[i].role & s->role) ||
		    !(rules[i].seen & s->seen))
			continue;
		rules[i].act(r, s);
		return;
	}
}

static enum record
record_of(const json_t *view)
{
	const char *state = view != NULL ? text(view, "state") : NULL;

	if (state == NULL)
		return NONE;
	if (strcmp(state, "ringing") == 0)
		return RINGING;
	if (strcmp(state, "talking") == 0)
		return TALKING;
	return strcmp(state, "ended") == 0 ? ENDED : WAITING;
}

static enum seen
seen_as(const json_t *channel)
{
	const char *state = text(channel, "state");

	if (channel == NULL)
		return GONE;
	if (state == NULL || strcmp(state, "Up") == 0)
		return UP;
	return strcmp(state, "Down") == 0 ? DOWN : RINGS;
}

static void
check(struct reconcile *r, const json_t *view, enum role role, const char *channel)
{
	struct subject s = {.record = record_of(view), .role = role, .view = view};

	s.call = text(view, "id");
	s.channel = channel;
	s.listed = json_object_get(r->channels, channel);
	s.seen = seen_as(s.listed);
	apply(r, &s);
}

/* Somebody left the conversation before the record knew that it was one: the other is still there.
 */
static bool
is_half(const struct reconcile *r, const json_t *view)
{
	const json_t *bridge = json_object_get(r->bridges, text(view, "bridge"));

	return record_of(view) == TALKING && text(view, "bridged") == NULL &&
	       bridge_has(bridge, text(view, "channel")) != bridge_has(bridge, text(view, "leg"));
}

/* With something of ours under way the lists prove nothing; the next time they do. */
static void
check_record(struct reconcile *r, const json_t *view)
{
	const char *id = text(view, "id"), *caller = text(view, "channel");
	const json_t *leg;
	size_t i;

	if (id == NULL || caller == NULL)
		return;
	if (calls_busy(r->calls, id)) {
		r->skipped = true;
		return;
	}
	if (is_half(r, view))
		calls_met(r->calls, id);
	if (text(view, "open") != NULL)
		check(r, view, CALLER, caller);
	if (text(view, "open") != NULL && r->died)
		return; /* the caller stands for the whole call */
	if (text(view, "leg_open") != NULL)
		check(r, view, WON, text(view, "leg"));
	json_array_foreach(json_object_get(view, "legs"), i, leg)
		check(r, view, OFFERED, text(leg, "id"));
}

static void
claim_names(struct reconcile *r, const json_t *view)
{
	static const char *const keys[] = {"channel", "leg", "bridge"};
	const json_t *leg;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (text(view, keys[i]) != NULL && (i < 2 || record_of(view) == TALKING))
			json_object_set_new(r->claimed, text(view, keys[i]), json_true());
	json_array_foreach(json_object_get(view, "legs"), i, leg)
		json_object_set_new(r->claimed, text(leg, "id"), json_true());
}

/* A channel that no record speaks of. */
static void
check_unclaimed(struct reconcile *r, const json_t *listed, enum role role)
{
	const char *app = node_conf(r->node)->ari_app;
	struct subject s = {.record = NONE, .role = role, .listed = listed};
	struct ari_channel channel;
	struct ari_caller caller;
	struct ari_code code;
	struct ari_leg leg;

	if (ari_channel_parse(listed, &channel) != 0 ||
	    json_object_get(r->claimed, channel.id) != NULL || calls_saw_go(r->calls, channel.id))
		return;
	if (role == NEWCOMER && ari_channel_code(&channel, app, &code) == 0)
		code_called(r->node, channel.id, code.agent, code.dialled);
	if (role == NEWCOMER && ari_channel_caller(&channel, app, &caller) != 0)
		return;
	if (role == STRAY) {
		if (ari_channel_leg(&channel, app, &leg) != 0)
			return;
		s.call = leg.call;
		s.view = json_object_get(r->records, leg.call);
		s.record = record_of(s.view);
	}
	s.channel = channel.id;
	s.seen = seen_as(listed);
	apply(r, &s);
}

/* The bridge of no live offer. Who waits for another gets out of it, and is given the music back.
 */
static void
sweep_bridge(struct reconcile *r, const char *id, const json_t *bridge)
{
	const json_t *channel;
	size_t i;

	json_array_foreach(json_object_get(bridge, "channels"), i, channel)
	{
		if (!calls_unbridge(r->calls, json_string_value(channel), id))
			continue;
		r->found.unbridged++;
		return;
	}
	reconcile_unbridge(r, id);
}

void
reconcile_compare(struct reconcile *r)
{
	const char *key;
	json_t *value;

	r->found.calls = json_object_size(r->records);
	r->found.channels = json_object_size(r->channels);
	r->found.bridges = json_object_size(r->bridges);
	json_object_foreach(r->records, key, value) calls_take(r->calls, value);
	json_object_foreach(r->records, key, value) claim_names(r, value);
	json_object_foreach(r->records, key, value) check_record(r, value);
	json_object_foreach(r->channels, key, value) check_unclaimed(r, value, NEWCOMER);
	json_object_foreach(r->channels, key, value) check_unclaimed(r, value, STRAY);
	json_object_foreach(r->bridges, key, value)
	{
		if (is_ours(key) && json_object_get(r->claimed, key) == NULL &&
		    !calls_know_bridge(r->calls, key))
			sweep_bridge(r, key, value);
	}
	calls_sweep(r->calls, r->records, r->channels, r->started);
}
