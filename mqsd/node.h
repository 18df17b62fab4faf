/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_NODE_H
#define MQSD_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "mqsd/ari_command.h"
#include "mqsd/ari_http.h"
#include "mqsd/pool.h"

struct loop;
struct conf;
struct conf_node;
struct leases;
struct kamailio;
struct pacer;
struct pacer_lane;
struct node;

/* What all nodes of an mqsd share; outlives them. */
struct node_env {
	struct loop *loop;
	const struct conf *conf;
	struct pool *pool;
	struct leases *leases;
	struct ari_http *http;
	struct tls_client *tls; /* for nodes whose url is https */
	struct kamailio *kamailio;
	struct pacer *pacer;
	void (*settled)(void *arg); /* a node became up, unreachable or dead */
	void *arg;
};

enum node_state { NODE_CONNECTING, NODE_RECONCILING, NODE_UP, NODE_UNREACHABLE, NODE_DEAD };

/*
 * An Asterisk that we own while we hold its lease: event socket, commands, its calls. Life: lease
 * taken and pool open -> token copied into the pool -> event socket -> reconcile -> up.
 */
struct node *node_new(const struct node_env *env, const struct conf_node *conf);
void node_free(struct node *node);

const char *node_name(const struct node *node);
enum node_state node_state(const struct node *node);
bool node_is_settled(const struct node *node); /* so is one that another instance owns */
void node_take_back(struct node *node);	       /* offers that wait for the pace are put back */
size_t node_offers(const struct node *node);   /* calls ringing or being connected */

/* It was removed from the pool: gives it up, and does nothing any more until it is freed. */
void node_retire(struct node *node);

bool node_is_ours(const struct node *node);
bool node_is_quiet(const struct node *node);  /* no command and no script of its calls under way */
bool node_has_peers(const struct node *node); /* could another instance take it? */
bool node_is_being_given(const struct node *node);

/* Stops acting on the node and gives its lease to another instance (lease_give()). */
void node_give(struct node *node, bool leaving);

/* The bell: another instance has left something to do. */
void node_look(struct node *node);

/* Somebody wants the records to be compared with the node now; nothing when it is not ours. */
void node_look_now(struct node *node);

/* The pool was opened under a Redis that may have forgotten, and not every node is reconciled. */
bool node_is_recovering(const struct node *node);
void node_pool_opened(struct node *node, bool recovering);
void node_pool_closed(struct node *node);

/* A call on this node was claimed for an agent / was ended by the API: view = its record
 * (borrowed). */
void node_claim(struct node *node, json_t *view);
void node_call_ended(struct node *node, json_t *view);

/* For call.c and reconcile.c: */

/* A script that changes this node's calls: node and token are added; args is stolen. */
void node_script(struct node *node, const char *script, json_t *args, pool_reply_cb *cb, void *arg);

/* A command to this node; body is stolen. Behind arg its row's words, strings safe in a URL or
 * escaped, and NULL. */
void node_command(struct node *node, enum ari_command command, json_t *body, ari_http_cb *cb,
		  void *arg, ...) __attribute__((sentinel));

/* A script said that our token is not the node's: it is copied into the pool again. */
void node_disown(struct node *node);

/* A time of the node's (ms since the epoch) by the pool's clock; corrected when they are apart. */
int64_t node_pool_time(const struct node *node, int64_t ms);

/* Is the lease good for one more command that builds something (create, dial, bridge)? */
bool node_may_build(const struct node *node);
/* Can no other have taken the node? An owner that slept asks itself before it ends an offer. */
bool node_may_end(const struct node *node);
struct pacer_lane *node_lane(const struct node *node);
const struct conf *node_conf(const struct node *node);

/* {"node", "owned", "ari": as ari_figures_json(), "pace": as pacer_figures(), "reconciles":
 * {"done", "unsure", "failed"}}, for the metrics; the caller's. */
json_t *node_figures(const struct node *node);

/* Words of enum node_state, as in Redis. */
const char *node_state_name(enum node_state state);

#endif
