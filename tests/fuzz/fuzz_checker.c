/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as the story of a pool. After an 'L' they are lines of a file of events; otherwise each
 * four bytes are an event about a few calls, agents and queues, in an order that no pool has. The
 * checker may complain as it likes, but its sums must stay what they are.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checker.h"
#include "lib/event.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
complain(void *arg, const struct checker_violation *v)
{
	(void)arg;
	if (v->rule == NULL || *v->text == '\0' || v->event == NULL)
		abort();
}

/* A field's value, out of a few. */
static json_t *
value(const struct event_field *field, uint8_t choice)
{
	static const char *const words[] = {"idle", "ringing", "talking", "wrapup", "logged_out",
					    "held", "waiting", "empty",	  "",	    "redis_changed",
					    "up",   "dead",    "ended",	  "none",   "unreachable"};
	char text[32];

	if (strcmp(field->unit, "word") == 0 || strcmp(field->unit, "text") == 0)
		return json_string(words[choice % (sizeof(words) / sizeof(words[0]))]);
	if (strcmp(field->unit, "id") == 0)
		snprintf(text, sizeof(text), strcmp(field->name, "call") == 0 ? "c%u" : "c%u.%u",
			 choice % 4U, choice / 4U);
	else if (strcmp(field->unit, "name") == 0)
		snprintf(text, sizeof(text), "n%u", choice % 3U);
	else
		return json_integer(choice);
	return json_string(text);
}

static void
feed_events(struct checker *checker, const uint8_t *data, size_t size)
{
	long long at = 1795435200000;
	json_t *event;
	size_t i, k;

	for (i = 0; i + 4 <= size; i += 4) {
		const struct event_row *row = &event_rows[data[i] % event_row_count];

		at += data[i + 1] >= 0xf0 ? 1000 * (data[i + 1] - 0xf0) : data[i + 1] % 2;
		event = json_object();
		json_object_set_new(event, "event", json_string(row->name));
		json_object_set_new(event, "at", json_integer(at));
		for (k = 0; k < EVENT_FIELDS_MAX && row->fields[k].name != NULL; k++)
			json_object_set_new(
				event, row->fields[k].name,
				value(&row->fields[k], (uint8_t)(data[i + 2] + data[i + 3] * k)));
		if (checker_event(checker, "", event) != 0)
			abort();
		json_decref(event);
	}
}

static void
feed_lines(struct checker *checker, const uint8_t *data, size_t size)
{
	char *text = mem_dup_len((const char *)data, size), *rest, *line;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		checker_line(checker, line);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct checker_options options = {.settle_ms = 1000, .violated = complain};
	struct checker *checker = checker_new(&options);
	struct checker_figures f;

	if (size > 0 && data[0] == 'L')
		feed_lines(checker, data + 1, size - 1);
	else if (size > 0)
		feed_events(checker, data + 1, size - 1);
	checker_pause(checker, 0);
	checker_figures(checker, &f);
	if (f.live_calls > f.events || f.kept_calls > CHECKER_ENDED_MAX || f.idle_ms < 0)
		abort();
	checker_free(checker);
	return 0;
}
