/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd/view_priv.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum call_field {
	CALL_STATE,
	CALL_QUEUE,
	CALL_ID,
	CALL_NODE,
	CALL_CHANNEL,
	CALL_V,
	CALL_SIP,
	CALL_NUMBER,
	CALL_NAME,
	CALL_ENTERED,
	CALL_ANSWERED,
	CALL_ENDED,
	CALL_PRIORITY,
	CALL_AGENT,
	CALL_LEG,
	CALL_LEGS,
	CALL_OFFERS,
	CALL_HELD_REASON,
	CALL_REASON,
	CALL_SCORE,
	CALL_FIELDS
};

static const char *const call_fields[CALL_FIELDS + 1] = {
	[CALL_STATE] = "state",
	[CALL_QUEUE] = "queue",
	[CALL_ID] = "id",
	[CALL_NODE] = "node",
	[CALL_CHANNEL] = "channel",
	[CALL_V] = "v",
	[CALL_SIP] = "sip",
	[CALL_NUMBER] = "number",
	[CALL_NAME] = "name",
	[CALL_ENTERED] = "entered",
	[CALL_ANSWERED] = "answered",
	[CALL_ENDED] = "ended",
	[CALL_PRIORITY] = "priority",
	[CALL_AGENT] = "agent",
	[CALL_LEG] = "leg",
	[CALL_LEGS] = "legs",
	[CALL_OFFERS] = "offers",
	[CALL_HELD_REASON] = "held_reason",
	[CALL_REASON] = "reason",
	[CALL_SCORE] = "score",
};

static bool
put_wait(struct json_text *text, const struct view_row *row, unsigned field)
{
	int64_t until = view_number(row, CALL_ANSWERED, view_number(row, CALL_ENDED, row->now));
	int64_t wait = until - view_number(row, field, until);

	return view_add_int(text, wait > 0 ? wait : 0);
}

static bool
put_position(struct json_text *text, const struct view_row *row, unsigned field)
{
	(void)field;
	return row->rank >= 0 && view_add_int(text, row->rank + 1);
}

/* Of the one who talks; else of the first whom the call is offered to: legs is JSON. */
static bool
put_of_leg(struct json_text *text, const struct view_row *row, unsigned field)
{
	const char *value = row->values[field], *legs = row->values[CALL_LEGS];
	json_t *all;
	bool done;

	if (value != NULL || legs == NULL)
		return view_add_text(text, value);
	all = json_loads(legs, 0, NULL);
	done = view_add_text(
		text, json_string_value(json_object_get(json_array_get(all, 0),
							field == CALL_AGENT ? "agent" : "id")));
	json_decref(all);
	return done;
}

#define POSITION_NEEDS                                                                             \
	(VIEW_F(CALL_STATE) | VIEW_F(CALL_QUEUE) | VIEW_F(CALL_SCORE) | VIEW_F(CALL_ID))

static const struct view_key call_keys[] = {
	{"id", view_put_text, CALL_ID, VIEW_F(CALL_ID), false},
	{"queue", view_put_text, CALL_QUEUE, VIEW_F(CALL_QUEUE), false},
	{"state", view_put_text, CALL_STATE, VIEW_F(CALL_STATE), false},
	{"node", view_put_text, CALL_NODE, VIEW_F(CALL_NODE), false},
	{"channel", view_put_text, CALL_CHANNEL, VIEW_F(CALL_CHANNEL), false},
	{"v", view_put_text, CALL_V, VIEW_F(CALL_V), false},
	{"sip_call_id", view_put_text, CALL_SIP, VIEW_F(CALL_SIP), false},
	{"number", view_put_text, CALL_NUMBER, VIEW_F(CALL_NUMBER), false},
	{"name", view_put_text, CALL_NAME, VIEW_F(CALL_NAME), false},
	{"entered_ms", view_put_int, CALL_ENTERED, VIEW_F(CALL_ENTERED), false},
	{"wait_ms", put_wait, CALL_ENTERED,
	 VIEW_F(CALL_ENTERED) | VIEW_F(CALL_ANSWERED) | VIEW_F(CALL_ENDED), false},
	{"talk_ms", view_put_age, CALL_ANSWERED, VIEW_F(CALL_ANSWERED), false},
	{"position", put_position, CALL_STATE, POSITION_NEEDS, false},
	{"priority", view_put_int, CALL_PRIORITY, VIEW_F(CALL_PRIORITY), false},
	{"agent", put_of_leg, CALL_AGENT, VIEW_F(CALL_AGENT) | VIEW_F(CALL_LEGS), false},
	{"leg", put_of_leg, CALL_LEG, VIEW_F(CALL_LEG) | VIEW_F(CALL_LEGS), false},
	{"offers", view_put_int, CALL_OFFERS, VIEW_F(CALL_OFFERS), false},
	{"held_reason", view_put_text, CALL_HELD_REASON, VIEW_F(CALL_HELD_REASON), false},
	{"reason", view_put_text, CALL_REASON, VIEW_F(CALL_REASON), false},
};

static bool
has(const char *s)
{
	return s != NULL && *s != '\0';
}

static uint32_t
filter_needs(const struct view_filter *filter)
{
	return has(filter->from) ? VIEW_F(CALL_NUMBER) : 0;
}

static bool
ends_with(const char *s, const char *end)
{
	size_t len = s != NULL ? strlen(s) : 0, n = strlen(end);

	return len >= n && memcmp(s + len - n, end, n) == 0;
}

static bool
passes(const struct view_filter *filter, const struct view_row *row)
{
	const char *state = row->values[CALL_STATE], *queue = row->values[CALL_QUEUE];

	if (state == NULL || strcmp(state, "ended") == 0)
		return false;
	if (filter == NULL)
		return true;
	return (!has(filter->state) || strcmp(state, filter->state) == 0) &&
	       (!has(filter->queue) || (queue != NULL && strcmp(queue, filter->queue) == 0)) &&
	       (!has(filter->from) || ends_with(row->values[CALL_NUMBER], filter->from));
}

const struct view view_call = {
	.kind = "call",
	.script = "call_read",
	.fields = call_fields,
	.keys = call_keys,
	.key_count = COUNT(call_keys),
	.always = VIEW_F(CALL_STATE) | VIEW_F(CALL_QUEUE),
	.filter_needs = filter_needs,
	.passes = passes,
};

/* --- ranks ------------------------------------------------------------------------------------ */

struct waiting {
	char *queue;
	double score;
	char id[64];
	size_t at; /* where its object ends, 0: it is not shown */
	int64_t position;
};

struct view_ranks {
	struct waiting *all;
	size_t count, cap;
};

bool
view_is_ranked(const struct view *view, uint32_t wanted)
{
	size_t i;

	for (i = 0; i < view->key_count; i++)
		if (view->keys[i].put == put_position && (wanted & VIEW_F(i)) != 0)
			return true;
	return false;
}

struct view_ranks *
view_ranks_new(void)
{
	return mem_zero(sizeof(struct view_ranks));
}

void
view_ranks_free(struct view_ranks *ranks)
{
	size_t i;

	if (ranks == NULL)
		return;
	for (i = 0; i < ranks->count; i++)
		free(ranks->all[i].queue);
	free(ranks->all);
	free(ranks);
}

void
view_ranks_add(struct view_ranks *ranks, const struct view_row *row, size_t at)
{
	const char *state = row->values[CALL_STATE], *queue = row->values[CALL_QUEUE];
	const char *score = row->values[CALL_SCORE], *id = row->values[CALL_ID];
	struct waiting *call;

	if (state == NULL || strcmp(state, "waiting") != 0 || queue == NULL || score == NULL ||
	    id == NULL)
		return;
	if (ranks->count == ranks->cap) {
		ranks->cap = 2 * ranks->cap + 64;
		ranks->all = mem_grow(ranks->all, ranks->cap, sizeof(*ranks->all));
	}
	call = &ranks->all[ranks->count++];
	*call = (struct waiting){.queue = mem_dup(queue), .score = strtod(score, NULL), .at = at};
	snprintf(call->id, sizeof(call->id), "%s", id);
}

/* As a queue's sorted set has them. */
static int
by_rank(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	int order = strcmp(x->queue, y->queue);

	if (order == 0)
		order = (x->score > y->score) - (x->score < y->score);
	return order != 0 ? order : strcmp(x->id, y->id);
}

static int
by_place(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
number_all(struct view_ranks *ranks)
{
	struct waiting *all = ranks->all;
	size_t i;

	if (ranks->count > 0)
		qsort(all, ranks->count, sizeof(*all), by_rank);
	for (i = 0; i < ranks->count; i++)
		all[i].position = i > 0 && strcmp(all[i].queue, all[i - 1].queue) == 0
					  ? all[i - 1].position + 1
					  : 1;
	if (ranks->count > 0)
		qsort(all, ranks->count, sizeof(*all), by_place);
}

void
view_ranks_show(struct view_ranks *ranks, struct json_text *text)
{
	struct json_text out = {0};
	size_t i, done = 0;

	if (text->len == 0)
		return;
	number_all(ranks);
	for (i = 0; i < ranks->count; i++) {
		if (ranks->all[i].at == 0)
			continue;
		json_text_add(&out, text->data + done, ranks->all[i].at - 1 - done);
		done = ranks->all[i].at - 1;
		if (out.data[out.len - 1] != '{')
			json_text_add(&out, ",", 1);
		json_text_add(&out, "\"position\":", 11);
		json_text_int(&out, ranks->all[i].position);
	}
	json_text_add(&out, text->data + done, text->len - done);
	free(text->data);
	*text = out;
}
