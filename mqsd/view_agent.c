/* SPDX-License-Identifier: BSD-2-Clause */

/* Agents, and what is shown of them as members of a queue. */

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd/view_priv.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* `name` first: every agent has it. */
enum agent_field {
	AGENT_NAME,
	AGENT_ADDRESS,
	AGENT_LOGIN,
	AGENT_STATE,
	AGENT_V,
	AGENT_SINCE,
	AGENT_PAUSED,
	AGENT_UNREACHABLE,
	AGENT_REGISTERED,
	AGENT_CALL,
	AGENT_SUSPECT,
	AGENT_MISSES,
	AGENT_WRAPUPTIME,
	AGENT_BACKOFF,
	AGENT_FIELDS
};

static const char *const agent_fields[AGENT_FIELDS + 1] = {
	[AGENT_NAME] = "name",
	[AGENT_ADDRESS] = "address",
	[AGENT_LOGIN] = "login",
	[AGENT_STATE] = "state",
	[AGENT_V] = "v",
	[AGENT_SINCE] = "since",
	[AGENT_PAUSED] = "paused",
	[AGENT_UNREACHABLE] = "unreachable",
	[AGENT_REGISTERED] = "registered",
	[AGENT_CALL] = "call",
	[AGENT_SUSPECT] = "suspect",
	[AGENT_MISSES] = "misses",
	[AGENT_WRAPUPTIME] = "wrapuptime",
	[AGENT_BACKOFF] = "backoff",
};

/* A membership is "penalty", "penalty reason of a pause", or "" when it has ended. */
static const char *
pause_of(const char *membership)
{
	const char *space = membership != NULL ? strchr(membership, ' ') : NULL;

	return space != NULL && space[1] != '\0' ? space + 1 : NULL;
}

struct membership {
	const char *queue, *value;
};

static int
by_queue(const void *a, const void *b)
{
	return strcmp(((const struct membership *)a)->queue, ((const struct membership *)b)->queue);
}

/* By name; the caller's. */
static struct membership *
memberships(const struct view_row *row, size_t *count)
{
	size_t n = row->more_count, i;
	struct membership *all = mem_alloc((n / 2 + 1) * sizeof(*all)), one;

	*count = 0;
	for (i = 0; i + 1 < n; i += 2) {
		one.queue = row->more[i];
		one.value = row->more[i + 1];
		if (*one.value != '\0')
			all[(*count)++] = one;
	}
	qsort(all, *count, sizeof(*all), by_queue);
	return all;
}

static bool
put_queues(struct json_text *text, const struct view_row *row, unsigned field)
{
	size_t n, i;
	struct membership *all = memberships(row, &n);

	(void)field;
	json_text_add(text, "[", 1);
	for (i = 0; i < n; i++) {
		if (i > 0)
			json_text_add(text, ",", 1);
		json_text_string(text, all[i].queue);
	}
	json_text_add(text, "]", 1);
	free(all);
	return true;
}

/* {queue: reason} */
static bool
put_paused_in(struct json_text *text, const struct view_row *row, unsigned field)
{
	size_t n, i, found = 0;
	struct membership *all = memberships(row, &n);

	(void)field;
	for (i = 0; i < n; i++) {
		if (pause_of(all[i].value) == NULL)
			continue;
		json_text_add(text, found++ == 0 ? "{" : ",", 1);
		json_text_string(text, all[i].queue);
		json_text_add(text, ":", 1);
		json_text_string(text, pause_of(all[i].value));
	}
	free(all);
	if (found > 0)
		json_text_add(text, "}", 1);
	return found > 0;
}

static const struct view_key agent_keys[] = {
	{"name", view_put_text, AGENT_NAME, VIEW_F(AGENT_NAME), false},
	{"address", view_put_text, AGENT_ADDRESS, VIEW_F(AGENT_ADDRESS), false},
	{"login", view_put_text, AGENT_LOGIN, VIEW_F(AGENT_LOGIN), false},
	{"state", view_put_text, AGENT_STATE, VIEW_F(AGENT_STATE), false},
	{"state_ms", view_put_age, AGENT_SINCE, VIEW_F(AGENT_SINCE), false},
	{"v", view_put_text, AGENT_V, VIEW_F(AGENT_V), false},
	{"paused", view_put_is_set, AGENT_PAUSED, VIEW_F(AGENT_PAUSED), false},
	{"pause_reason", view_put_text, AGENT_PAUSED, VIEW_F(AGENT_PAUSED), false},
	{"unreachable", view_put_flag, AGENT_UNREACHABLE, VIEW_F(AGENT_UNREACHABLE), false},
	{"registered", view_put_flag, AGENT_REGISTERED, VIEW_F(AGENT_REGISTERED), false},
	{"call", view_put_text, AGENT_CALL, VIEW_F(AGENT_CALL), false},
	{"suspect", view_put_flag, AGENT_SUSPECT, VIEW_F(AGENT_SUSPECT), false},
	{"misses", view_put_int, AGENT_MISSES, VIEW_F(AGENT_MISSES), false},
	{"wrapuptime", view_put_int, AGENT_WRAPUPTIME, VIEW_F(AGENT_WRAPUPTIME), false},
	{"backoff_ms", view_put_left, AGENT_BACKOFF, VIEW_F(AGENT_BACKOFF), false},
	{"queues", put_queues, AGENT_NAME, VIEW_F(AGENT_NAME), true},
	{"paused_in", put_paused_in, AGENT_NAME, VIEW_F(AGENT_NAME), true},
};

const struct view view_agent = {
	.kind = "agent",
	.script = "agent_read",
	.fields = agent_fields,
	.keys = agent_keys,
	.key_count = COUNT(agent_keys),
	.always = VIEW_F(AGENT_NAME),
};

static bool
put_penalty(struct json_text *text, const struct view_row *row, unsigned field)
{
	const char *membership = row->more_count > 1 ? row->more[1] : NULL;

	(void)field;
	return view_add_int(text, membership != NULL ? strtoll(membership, NULL, 10) : 0);
}

static bool
put_paused_here(struct json_text *text, const struct view_row *row, unsigned field)
{
	(void)field;
	return view_add_text(text, pause_of(row->more_count > 1 ? row->more[1] : NULL));
}

static const struct view_key member_keys[] = {
	{"agent", view_put_text, AGENT_NAME, VIEW_F(AGENT_NAME), false},
	{"penalty", put_penalty, AGENT_NAME, VIEW_F(AGENT_NAME), true},
	{"paused_here", put_paused_here, AGENT_NAME, VIEW_F(AGENT_NAME), true},
	{"state", view_put_text, AGENT_STATE, VIEW_F(AGENT_STATE), false},
	{"paused", view_put_is_set, AGENT_PAUSED, VIEW_F(AGENT_PAUSED), false},
	{"unreachable", view_put_flag, AGENT_UNREACHABLE, VIEW_F(AGENT_UNREACHABLE), false},
};

const struct view view_member = {
	.kind = "agent",
	.fields = agent_fields,
	.keys = member_keys,
	.key_count = COUNT(member_keys),
	.always = VIEW_F(AGENT_NAME),
};
