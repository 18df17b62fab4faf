/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_RECONCILE_H
#define MQSD_RECONCILE_H

struct node;
struct calls;

/*
 * Compares what Redis remembers of a node's calls with what the node really holds, after every
 * (re)connect and from time to time (design 7). A list only raises suspicion: a channel counts as
 * gone on a 404 asked after its record was read. Doing it twice changes nothing.
 */
struct reconcile;

/* done(ok): ok is 0 when the node or Redis did not answer; then it is to be tried again. */
struct reconcile *reconcile_start(struct node *node, struct calls *calls,
				  void (*done)(void *arg, int ok), void *arg);
void reconcile_cancel(struct reconcile *r); /* done is not called; NULL is fine */

#endif
