/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_TOP_VIEW_H
#define MQSCTL_TOP_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "mqsctl/output.h"

/* The lists that `top` shows, a row each, and what can be done to a line of them. */
enum top_view_id {
	TOP_QUEUES,
	TOP_AGENTS,
	TOP_NODES,
	TOP_INSTANCES,
	TOP_CALLS,
	TOP_PROBLEMS,
	TOP_TABS, /* those up to here have a number key; the others are drilled into */
	TOP_MEMBERS = TOP_TABS,
	TOP_QUEUE_CALLS,
	TOP_VIEWS
};

#define TOP_COLUMNS_MAX 10

struct top_view {
	const char *title;
	const char *path; /* to ask; "%s": of what was drilled into. NULL: GET /v1/status has it */
	const char *list; /* member of the reply */
	const char *name; /* member that tells its lines apart */
	const struct column *columns;
	size_t count;
	size_t sort; /* the column it is sorted by at first */
	bool descending;
	int drill; /* the view that Enter opens, for the line's name; -1: none */
	int calls; /* the one that c opens; -1: none */
	const char
		*also; /* of a list that can be long: members that are wanted beside those shown */
	const char *empty;
};

extern const struct top_view top_views[TOP_VIEWS];

struct top_act {
	char key;
	unsigned views;			 /* bit per view */
	bool (*can)(const json_t *line); /* NULL: always */
	const char *ask, *done;		 /* "%s": the line's name */
	const char *method, *path;	 /* likewise */
};

extern const struct top_act top_acts[];
extern const size_t top_act_count;

/* What the key does to this line, or NULL. */
const struct top_act *top_act_find(enum top_view_id view, int key, const json_t *line);

#endif
