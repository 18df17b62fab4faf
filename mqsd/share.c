/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/share.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/lease.h"
#include "mqsd/loop.h"
#include "mqsd/node.h"

#define EVEN_MS	  1000 /* at most one node is given in so long */
#define PATIENT	  3    /* times that none was without an offer; then the one with the fewest goes */
#define LEAVE_MS  20   /* looks at nodes that are to be given back */
#define SETTLE_MS 1000 /* that commands under way are waited for: their own deadline */
#define DRAIN_MS  60000 /* that an offer may ring for, where nobody else can take the node */

struct share {
	struct loop *loop;
	struct leases *leases;
	struct node **nodes;
	size_t count;
	struct loop_timer *even, *leave;
	int waited;    /* ticks with too many nodes and none to give */
	int64_t since; /* mono ms of share_leave(); 0: not leaving */
	bool hurry;
	void (*done)(void *arg); /* NULL once it was called */
	void *arg;
};

/* The one with the fewest offers in flight; NULL when we have none, or none that is at peace. */
static struct node *
quietest(struct share *share)
{
	struct node *best = NULL;
	size_t i;

	for (i = 0; i < share->count; i++) {
		struct node *node = share->nodes[i];

		if (node_is_ours(node) && node_is_quiet(node) &&
		    (best == NULL || node_offers(node) < node_offers(best)))
			best = node;
	}
	return best;
}

static void
on_even(void *arg)
{
	struct share *share = arg;
	struct node *node;

	loop_timer_arm(share->even, EVEN_MS);
	if (!leases_too_many(share->leases)) {
		share->waited = 0;
		return;
	}
	node = quietest(share);
	share->waited++;
	if (node == NULL || (node_offers(node) > 0 && share->waited <= PATIENT))
		return;
	share->waited = 0;
	log_info("node %s goes to an instance that has fewer", node_name(node));
	node_give(node, false);
}

static bool
may_go(const struct share *share, const struct node *node, int64_t age)
{
	if (share->hurry)
		return true;
	if (node_has_peers(node))
		return node_is_quiet(node) || age >= SETTLE_MS;
	return node_offers(node) == 0 || age >= DRAIN_MS;
}

/* Once, however often we are told to hurry. */
static void
finish(struct share *share)
{
	void (*done)(void *arg) = share->done;

	share->done = NULL;
	if (done != NULL)
		done(share->arg);
}

static void
on_leave(void *arg)
{
	struct share *share = arg;
	int64_t age = clock_mono_ms() - share->since;
	size_t i, left = 0;

	for (i = 0; i < share->count; i++) {
		if (node_is_ours(share->nodes[i]) && may_go(share, share->nodes[i], age))
			node_give(share->nodes[i], true);
		left += node_is_ours(share->nodes[i]) || node_is_being_given(share->nodes[i]);
	}
	if (left > 0)
		loop_timer_arm(share->leave, LEAVE_MS);
	else
		finish(share);
}

struct share *
share_new(struct loop *loop, struct leases *leases)
{
	struct share *share = mem_zero(sizeof(*share));

	share->loop = loop;
	share->leases = leases;
	share->even = loop_timer_new(loop, on_even, share);
	share->leave = loop_timer_new(loop, on_leave, share);
	return share;
}

void
share_set_nodes(struct share *share, struct node **nodes, size_t count)
{
	share->nodes = nodes;
	share->count = count;
}

void
share_free(struct share *share)
{
	loop_timer_free(share->even);
	loop_timer_free(share->leave);
	free(share);
}

void
share_start(struct share *share)
{
	loop_timer_arm(share->even, EVEN_MS);
}

void
share_leave(struct share *share, void (*done)(void *arg), void *arg)
{
	share->since = clock_mono_ms();
	share->done = done;
	share->arg = arg;
	loop_timer_stop(share->even);
	leases_stop_taking(share->leases);
	loop_timer_arm(share->leave, 0);
}

void
share_leave_now(struct share *share)
{
	share->hurry = true;
	loop_timer_arm(share->leave, 0);
}
