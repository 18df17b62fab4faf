/* SPDX-License-Identifier: BSD-2-Clause */

/* Whose a node is: the lease, its token in the pool, and what ends with it. */

#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "mqsd/call.h"
#include "mqsd/conf.h"
#include "mqsd/lease.h"
#include "mqsd/loop.h"
#include "mqsd/node_priv.h"
#include "mqsd/pacer.h"
#include "mqsd/reconcile.h"
#include "mqsd/todo.h"

static void
on_owned(void *arg, json_t *reply)
{
	struct node *node = arg;
	const char *refused = pool_refusal(reply);

	node->owning = false;
	/* The lease may have gone, or come back under another token, meanwhile. */
	if (lease_token(node->lease) == NULL ||
	    strcmp(node->owned_as, lease_token(node->lease)) != 0)
		return;
	if (refused != NULL) {
		log_warn("node %s: not ours in the pool yet: %s", node->conf->name, refused);
		return;
	}
	node->owned = true;
	pacer_own(node->lane, true);
	calls_retry(node->calls);
	if (ws_is_up(node->ws))
		node_reconcile(node);
	else
		node_connect(node);
}

/* The token goes into the pool first; nothing is asked of the node before. */
void
node_own(struct node *node)
{
	if (lease_token(node->lease) == NULL || !node->pool_open || node->owning || node->owned)
		return;
	node->owning = true;
	snprintf(node->owned_as, sizeof(node->owned_as), "%s", lease_token(node->lease));
	node_script(node, "node_own", json_pack("{s:s}", "reason", node->taken), on_owned, node);
}

static void
on_taken(void *arg, const char *why)
{
	struct node *node = arg;

	if (node->retired) { /* it was under way */
		lease_give(node->lease, true);
		return;
	}
	node->owned = false;
	node->taken = why;
	node_own(node);
}

/* Nothing of the node is ours to do any more. */
static void
disconnect(struct node *node)
{
	node->owned = false;
	pacer_own(node->lane, false);
	node->unsaid = node->again = false;
	reconcile_cancel(node->reconcile);
	node->reconcile = NULL;
	ws_close(node->ws);
	loop_timer_stop(node->retry);
	loop_timer_stop(node->period);
	todo_forget(node->todo);
	calls_leave(node->calls);
	node->state = NODE_CONNECTING;
	node->down_since = 0;
	node->refused = 0;
}

static void
on_lost(void *arg, const char *holder)
{
	struct node *node = arg;

	log_warn("node %s is %s's now", node->conf->name, holder);
	disconnect(node);
}

void
node_disown(struct node *node)
{
	node->owned = false;
}

bool
node_is_ours(const struct node *node)
{
	return lease_token(node->lease) != NULL;
}

bool
node_has_peers(const struct node *node)
{
	return lease_has_peers(node->lease);
}

bool
node_is_being_given(const struct node *node)
{
	return lease_is_under_way(node->lease);
}

void
node_give(struct node *node, bool leaving)
{
	disconnect(node);
	lease_give(node->lease, leaving);
}

void
node_retire(struct node *node)
{
	node->retired = true;
	loop_timer_stop(node->tick);
	if (node_is_ours(node))
		node_give(node, true);
	else
		disconnect(node);
	lease_retire(node->lease);
	pacer_close(node->lane);
}

struct lease *
node_lease_new(struct node *node)
{
	struct lease_hooks hooks = {on_taken, on_lost, node};

	return lease_new(node->env->leases, node->conf->name, &hooks);
}
