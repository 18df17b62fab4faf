/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_EVENT_H
#define LIB_EVENT_H

#include <stddef.h>

/*
 * The contract of the event stream: one row per event. man/mqs-events.7, the checker and the tests
 * derive from these rows. Every event also carries `event`, `at` (ms since the epoch, the pool's
 * clock) and, in the stream, its id.
 */
struct event_field {
	const char *name;
	const char *unit; /* "", "ms", "name", "id", ... */
};

#define EVENT_FIELDS_MAX 16

struct event_row {
	const char *name;
	const char *when;
	struct event_field fields[EVENT_FIELDS_MAX]; /* ends with a NULL name */
};

extern const struct event_row event_rows[];
extern const size_t event_row_count;

const struct event_row *event_find(const char *name);
const struct event_field *event_field_find(const struct event_row *row, const char *name);

#endif
