/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/tally.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct tally {
	json_t *all, *events, *queues; /* the latter two are members of the first */
};

/* What an event adds to its queue: a count, or one by reason, and a sum of a field of it. */
static const struct row {
	const char *event, *count, *by_reason, *sum, *field;
} rows[] = {
	{.event = "call_entered", .count = "entered"},
	{.event = "offer_made", .count = "offers"},
	{.event = "offer_failed", .by_reason = "failed"},
	{.event = "call_answered",
	 .count = "answered",
	 .sum = "answer_wait_ms",
	 .field = "wait_ms"},
	{.event = "call_ended", .by_reason = "ended"},
};

struct tally *
tally_new(void)
{
	struct tally *tally = mem_zero(sizeof(*tally));

	tally->events = json_object();
	tally->queues = json_object();
	tally->all = json_pack("{s:o, s:o}", "events", tally->events, "queues", tally->queues);
	return tally;
}

void
tally_free(struct tally *tally)
{
	json_decref(tally->all);
	free(tally);
}

static void
add(json_t *object, const char *key, json_int_t by)
{
	json_t *n = json_object_get(object, key);

	if (n == NULL)
		json_object_set_new(object, key, json_integer(by));
	else
		json_integer_set(n, json_integer_value(n) + by);
}

static json_t *
member(json_t *object, const char *key)
{
	json_t *found = json_object_get(object, key);

	if (found == NULL) {
		found = json_object();
		json_object_set_new(object, key, found);
	}
	return found;
}

static json_t *
queue_of(struct tally *tally, const char *name)
{
	if (json_object_get(tally->queues, name) == NULL &&
	    json_object_size(tally->queues) >= TALLY_QUEUES_MAX)
		name = "(others)";
	return member(tally->queues, name);
}

void
tally_event(struct tally *tally, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	const char *queue = json_string_value(json_object_get(event, "queue"));
	const char *reason = json_string_value(json_object_get(event, "reason"));
	json_t *of;
	size_t i;

	if (name == NULL)
		return;
	add(tally->events, name, 1);
	if (queue != NULL && strcmp(name, "queue_deleted") == 0)
		json_object_del(tally->queues, queue);
	for (i = 0; queue != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].event, name) != 0)
			continue;
		of = queue_of(tally, queue);
		if (rows[i].count != NULL)
			add(of, rows[i].count, 1);
		if (rows[i].by_reason != NULL)
			add(member(of, rows[i].by_reason), reason != NULL ? reason : "unknown", 1);
		if (rows[i].sum != NULL)
			add(of, rows[i].sum,
			    (json_int_t)json_number_value(json_object_get(event, rows[i].field)));
	}
}

json_t *
tally_json(const struct tally *tally)
{
	return tally->all;
}
