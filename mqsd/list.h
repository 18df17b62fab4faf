/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LIST_H
#define MQSD_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqsd/view.h"

/*
 * Long lists for the control API: calls, agents, members of a queue. The names first, by script,
 * then the objects, a plain command each, some under way at a time, so that nothing else waits long
 * for Redis or for us. One list is collected at a time. Whoever asks for one that is not begun yet
 * shares it; none is begun while too many rows were read of late, so that many readers cost no more
 * than a few. So a list always shows what was so after it was asked for.
 */
struct lists;
struct list_waiter;
struct loop;
struct pool;

/* What is to be listed. Borrowed for the call. */
struct list_order {
	const struct view *view;
	const char *of;		   /* of names_read */
	const char *queue;	   /* whose members; else NULL */
	struct view_filter filter; /* of calls */
	uint32_t wanted;	   /* keys, view_pick() */
	bool at_once;		   /* an edit shows its outcome: does not wait for others */
};

/* The rows as text, "{...},{...}", shared by all who waited for them. */
struct list_rows {
	unsigned refs;
	char *text;
	size_t len;
	bool more; /* the list was longer than its bound */
};

void list_rows_free(struct list_rows *rows); /* when the last reference is given back */

/* Called once, later: rows, one reference of which is the callee's; or NULL and what a script
 * refused with (NULL: no Redis), borrowed. */
typedef void list_cb(void *arg, struct list_rows *rows, const json_t *refusal);

struct lists *lists_new(struct loop *loop, struct pool *pool);
void lists_free(struct lists *lists); /* calls nobody back; after the pool */

struct list_waiter *list_ask(struct lists *lists, const struct list_order *order, list_cb *cb,
			     void *arg);

/* The one who asked has gone: is not called back, and the list is not made for nobody. */
void list_leave(struct list_waiter *waiter);

#endif
