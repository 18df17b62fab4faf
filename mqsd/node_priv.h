/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_NODE_PRIV_H
#define MQSD_NODE_PRIV_H

/*
 * Shared by node.c (the node and its tick), node_own.c (the lease), node_link.c (the event socket
 * and reconcile) and node_state.c (what the pool is told).
 */

#include "mqsd/conf.h"
#include "mqsd/node.h"
#include "mqsd/reconcile.h"
#include "mqsd/ws.h"

#define NODE_RETRY_MS 250
#define NODE_TICK_MS  1000
#define NODE_PAGE_MS  15000 /* deadline of the lists of a full node */

struct node {
	const struct node_env *env;
	struct conf_node own;	      /* the strings are conf's */
	const struct conf_node *conf; /* &own */
	struct ari_http_target target;
	struct ari_figures figures;
	int64_t reconciles[RECONCILE_ENDS]; /* since we started, by enum reconcile_end */
	char *host;
	int port;
	enum node_state state;
	struct lease *lease;
	struct ws *ws;
	struct calls *calls;
	struct pacer_lane *lane; /* owned by env->pacer */
	struct reconcile *reconcile;
	struct loop_timer *tick, *retry, *period;
	char version[64], startup[64];
	bool pool_open, owned, owning;
	bool retired;	    /* removed at run time: nothing is done any more */
	bool again;	    /* reconcile once more when the one under way is done */
	bool died;	    /* the node is another process than the pool's records knew */
	bool asking;	    /* Kamailio, what it thinks of the node */
	bool unseen;	    /* given up for dead, but nobody has seen its channels gone */
	bool unsaid;	    /* the pool may not know our state: it is said again */
	bool apart;	    /* the node's clock is away from the pool's, and the log says so */
	const char *taken;  /* why the lease became ours */
	char owned_as[128]; /* token that was sent with node_own */
	int refused;	    /* connects in a row */
	int64_t down_since; /* mono ms; 0 while connected */
	int64_t unsure_ms;  /* until a look is repeated that could not judge every call */
	int64_t period_ms;  /* that the period runs for */
	struct echo *echo;
	struct todo *todo;
	int replaced;	     /* times in a row that another took our events */
	int64_t replaced_at; /* mono ms */
	int64_t wait_ms;     /* before the next connect; 0: the usual */
};

/* node_state.c */

/* The only writer of a node's state; the pool's event says old, new and why. */
void node_set_state(struct node *node, enum node_state state, const char *reason);
void node_declare_dead(struct node *node, const char *why, bool unseen);
void
node_ask_kamailio(struct node *node);	/* Silence is not death, unless it hears nothing either. */
void node_say_again(struct node *node); /* what Redis gave no answer to, all of it */

/* node_link.c */
struct ws *node_ws_new(struct node *node);
void node_connect(void *arg);
void node_events_down(void *arg, enum ws_down how, const char *why);
void node_reconcile(struct node *node);
void node_arm_period(struct node *node);
void node_on_period(void *arg);

/* node_own.c */
struct lease *node_lease_new(struct node *node);
void node_own(struct node *node); /* the token goes into the pool, if the lease is ours */

#endif
