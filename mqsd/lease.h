/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LEASE_H
#define MQSD_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct conf;
struct instances;
struct redis_server;

/*
 * Which nodes are ours (design 5): one lease a node, in Redis, taken and renewed on a connection of
 * its own so that no other command can delay a renewal. All of an mqsd's leases are one `struct
 * leases`; with them it beats, so that instances know of each other and share the nodes evenly.
 */
struct leases;
struct lease;

struct leases_hooks {
	void (*leave)(void *arg); /* somebody wants this instance to leave; may come again */
	void *arg;
};

struct leases *leases_new(struct loop *loop, const struct conf *conf, struct redis_server *server,
			  const struct leases_hooks *hooks);
void leases_start(struct leases *leases);
void leases_free(struct leases *leases); /* frees the leases too; does not give them back */

/* The bell rang: looks at once, not at the next heartbeat. */
void leases_look(struct leases *leases);

/* From now on nothing is taken, and the others don't count on us. */
void leases_stop_taking(struct leases *leases);

/* Would giving one of our nodes to another instance make the shares more even, as last seen? */
bool leases_too_many(const struct leases *leases);

/* Is there another instance that would take this node? */
bool lease_has_peers(const struct lease *lease);

/* The instances, or NULL while Redis is away, when nothing is known of them. Borrowed. */
const struct instances *leases_instances(const struct leases *leases);

/*
 * Asks an instance to leave. done(found): 1 it is asked, 0 there is none of that name, -1 Redis
 * gave no answer.
 */
void leases_ask_to_leave(struct leases *leases, const char *instance,
			 void (*done)(void *arg, int found), void *arg);

/* Takes us off the list of instances; done() also when Redis gives no answer. */
void leases_gone(struct leases *leases, void (*done)(void *arg), void *arg);

struct lease_hooks {
	/* The node is ours under a new token; why: as in lease_take.lua, or "kept". */
	void (*taken)(void *arg, const char *why);
	void (*lost)(void *arg, const char *holder);
	void *arg;
};

struct lease *lease_new(struct leases *leases, const char *node, const struct lease_hooks *hooks);

/* The node is no more: the lease is not taken again, and counts for nothing. */
void lease_retire(struct lease *lease);

/* NULL when the node is not ours. */
const char *lease_token(const struct lease *lease);

/* Does another instance hold it, as last seen? */
bool lease_is_anothers(const struct lease *lease);

/*
 * ms that the lease is still good for, counted from before its renewal was sent; <= 0 when it may
 * have been taken by another. No constructive command may leave with less than its deadline left.
 */
int64_t lease_left_ms(const struct lease *lease);

/* Asks Redis at once whether the lease is still ours; lost() when it is not. */
void lease_renew(struct lease *lease);

/*
 * Gives the lease back: it is not ours from now on, so the caller has stopped acting on the node.
 * To whoever has the fewest nodes; with `leaving` false only where that makes the shares more even,
 * or it comes back by taken("kept").
 */
void lease_give(struct lease *lease, bool leaving);

/* Is a lease given back, but Redis has not said so yet? */
bool lease_is_under_way(const struct lease *lease);

#endif
