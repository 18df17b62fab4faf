/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_SHARE_H
#define MQSD_SHARE_H

#include <stddef.h>

struct loop;
struct leases;
struct node;

/*
 * Who gives which node to whom. While instances live together, the one that has two nodes more than
 * another gives it one, at most one a second, one on which no offer is in flight if there is such a
 * one: so the shares become even and then stay as they are. Who stops gives all.
 */
struct share;

struct share *share_new(struct loop *loop, struct leases *leases);
/* The nodes, at first and whenever there are others: borrowed. */
void share_set_nodes(struct share *share, struct node **nodes, size_t count);
void share_free(struct share *share);
void share_start(struct share *share);

/*
 * Gives every node back; done() when all are. A node that another instance can take is given as
 * soon as no command to it is under way, within a second in any case: offers go on there. Others
 * only when their offers have ended, within a minute.
 */
void share_leave(struct share *share, void (*done)(void *arg), void *arg);
void share_leave_now(struct share *share); /* without waiting for anything */

#endif
