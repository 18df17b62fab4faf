/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_RECONCILE_PRIV_H
#define MQSD_RECONCILE_PRIV_H

/* Shared by reconcile.c (which reads both sides) and reconcile_table.c (which compares them). */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "mqsd/reconcile.h"

struct reconcile {
	struct node *node;
	struct calls *calls;
	void (*done)(void *arg, enum reconcile_end end, const struct reconcile_found *found);
	struct reconcile_found found;
	void *arg;
	json_t *records;  /* id -> record */
	json_t *claimed;  /* channels and bridges that some record speaks of -> true */
	json_t *channels; /* id -> channel, as the node lists them */
	json_t *bridges;  /* id -> bridge */
	int64_t started;  /* mono ms */
	int open;	  /* replies awaited */
	bool died;	  /* the node is another process than the records knew */
	bool cancelled, failed;
	bool skipped; /* a record was not looked at, because its call is busy */
	bool waiting; /* for the jobs that came of it */
};

/* Both sides are read: does what the table says. */
void reconcile_compare(struct reconcile *r);

/*
 * A suspicion: this channel of the record is not in the list. It is asked for by itself; a 404 is
 * proof, and ends it for `reason`. NULL: the whole call was lost with the node.
 */
void reconcile_doubt(struct reconcile *r, const json_t *record, const char *channel,
		     const char *reason);

/* Deletes a bridge that nobody needs. */
void reconcile_unbridge(struct reconcile *r, const char *bridge);

#endif
