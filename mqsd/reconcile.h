/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_RECONCILE_H
#define MQSD_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>

struct node;
struct calls;

/*
 * Compares what Redis remembers of a node's calls with what the node really holds, after every
 * (re)connect and from time to time (design 7). A list only raises suspicion: a channel counts as
 * gone on a 404 asked after its record was read. Doing it twice changes nothing.
 */
struct reconcile;

enum reconcile_end {
	RECONCILE_FAILED, /* the node or Redis did not answer: to be tried again */
	RECONCILE_UNSURE, /* something was under way for some call: to be looked at again soon */
	RECONCILE_DONE,
};
#define RECONCILE_ENDS (RECONCILE_DONE + 1)

/* What a comparison came to. */
struct reconcile_found {
	size_t calls, channels, bridges; /* that were compared */
	size_t entered;			 /* callers whom Redis did not know */
	size_t gone;			 /* channels that a record had and the node has not */
	size_t hung_up;			 /* channels that nobody should have */
	size_t put_back, answered, adopted, joined;
	size_t unbridged; /* bridges of no conversation */
	size_t skipped;	  /* 1: some calls were busy, and will be looked at again */
};

/*
 * died: the node is another process than the records knew; what is not there was lost with it.
 * done() comes when everything that was found is in Redis; found is borrowed.
 */
struct reconcile *reconcile_start(struct node *node, struct calls *calls, bool died,
				  void (*done)(void *arg, enum reconcile_end end,
					       const struct reconcile_found *found),
				  void *arg);
void reconcile_cancel(struct reconcile *r); /* done is not called; NULL is fine */

#endif
