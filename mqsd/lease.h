/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_LEASE_H
#define MQSD_LEASE_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct conf;
struct redis_server;

/*
 * Which nodes are ours (design 5): one lease a node, in Redis, taken and renewed on a connection of
 * its own so that no other command can delay a renewal. All of an mqsd's leases are one `struct
 * leases`.
 */
struct leases;
struct lease;

struct leases *leases_new(struct loop *loop, const struct conf *conf, struct redis_server *server);
void leases_start(struct leases *leases);
void leases_free(struct leases *leases); /* frees the leases too; does not drop them */

struct lease_hooks {
	void (*taken)(void *arg); /* the node is ours under a new token */
	void (*lost)(void *arg, const char *holder);
	void *arg;
};

struct lease *lease_new(struct leases *leases, const char *node, const struct lease_hooks *hooks);

/* NULL when the node is not ours. */
const char *lease_token(const struct lease *lease);

/*
 * ms that the lease is still good for, counted from before its renewal was sent; <= 0 when it may
 * have been taken by another. No constructive command may leave with less than its deadline left.
 */
int64_t lease_left_ms(const struct lease *lease);

/* Gives all leases back at once, for a planned stop; done() is called when Redis said so, or can't.
 */
void leases_drop(struct leases *leases, void (*done)(void *arg), void *arg);

#endif
