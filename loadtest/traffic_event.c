/* SPDX-License-Identifier: BSD-2-Clause */

/* What mqsd's events say of the calls. */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/traffic_party.h"

/* An event is read after the log that shows its cause, but that was read a moment earlier: the
 * caller's line may have been written in between, and is there when the log is read next. Others'
 * calls stay here until they are too old; beyond the bound the oldest goes. */
struct traffic_told {
	TAILQ_ENTRY(traffic_told) entry;
	char *call, *sip_id;
	int64_t since; /* as t->now */
};
#define TOLD_MAX 1000

static void
drop_told(struct traffic *t, struct traffic_told *told)
{
	TAILQ_REMOVE(&t->told, told, entry);
	t->told_count--;
	free(told->call);
	free(told->sip_id);
	free(told);
}

static void
keep_told(struct traffic *t, const char *call, const char *sip_id)
{
	struct traffic_told *told;

	if (t->told_count == TOLD_MAX)
		drop_told(t, TAILQ_FIRST(&t->told));
	told = mem_zero(sizeof(*told));
	told->call = mem_dup(call);
	told->sip_id = mem_dup(sip_id);
	told->since = t->now;
	TAILQ_INSERT_TAIL(&t->told, told, entry);
	t->told_count++;
}

void
traffic_retell(struct traffic *t)
{
	struct traffic_told *told, *next;

	for (told = TAILQ_FIRST(&t->told); told != NULL; told = next) {
		struct traffic_party *p = traffic_find(t, told->sip_id);

		next = TAILQ_NEXT(told, entry);
		if (p != NULL)
			traffic_name_caller(t, p, told->call);
		if (p != NULL || t->now - told->since >= TRAFFIC_ASK_US)
			drop_told(t, told);
	}
}

void
traffic_untell(struct traffic *t)
{
	while (!TAILQ_EMPTY(&t->told))
		drop_told(t, TAILQ_FIRST(&t->told));
}

static void
entered(struct traffic *t, const json_t *event)
{
	const char *call = json_string_value(json_object_get(event, "call"));
	const char *sip_id = json_string_value(json_object_get(event, "sip_call_id"));
	struct traffic_party *p = sip_id != NULL ? traffic_find(t, sip_id) : NULL;

	if (call == NULL || sip_id == NULL)
		return;
	if (p == NULL)
		keep_told(t, call, sip_id);
	else
		traffic_name_caller(t, p, call);
}

static void
bridged(struct traffic *t, const json_t *event)
{
	const char *leg = json_string_value(json_object_get(event, "leg"));
	double at_ms = json_number_value(json_object_get(event, "at"));
	struct traffic_party *p = leg != NULL ? traffic_find_leg(t, leg) : NULL;

	if (p == NULL || p->bridged != 0)
		return;
	/* A millisecond's middle, as witness_event.c has it. */
	p->bridged = (int64_t)(at_ms * 1000) + 500;
	traffic_connected(t, p);
	if (p->end != 0)
		traffic_rests(t, p, p->went.end);
}

/* When it was connected nobody saw. */
static void
adopted(struct traffic *t, const json_t *event)
{
	const char *leg = json_string_value(json_object_get(event, "leg"));
	struct traffic_party *p = leg != NULL ? traffic_find_leg(t, leg) : NULL;

	if (p == NULL || p->bridged != 0 || json_object_get(event, "bridged_ms") == NULL)
		return;
	p->bridged = t->now;
	if (p->end != 0)
		traffic_rests(t, p, p->went.end);
}

void
traffic_event(struct traffic *t, const char *line)
{
	static const struct {
		const char *name;
		void (*take)(struct traffic *t, const json_t *event);
	} rows[] = {{"\tcall_entered\t", entered},
		    {"\tcall_bridged\t", bridged},
		    {"\tcall_adopted\t", adopted}};
	const char *name = strchr(line, '\t');
	size_t i;

	for (i = 0; name != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *event;

		if (strncmp(name, rows[i].name, strlen(rows[i].name)) != 0)
			continue;
		event = json_loads(name + strlen(rows[i].name), JSON_ALLOW_NUL, NULL);
		rows[i].take(t, event);
		json_decref(event);
		return;
	}
}
