/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_PACE_H
#define MQSD_PACE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * How fast legs are made, so that latency stays bounded under load: a node makes so many a second,
 * and all nodes of a host together so many. What was not used is saved up, for a second at most.
 * Who may not go at once waits in the node's queue, first come first served; the nodes of a host
 * take turns. Pure: no timer, no clock; time is the caller's, in mono ms.
 */
struct pace_host;
struct pace;

/* In whatever waits; its owner keeps it until it went, or left. Zeroed before its first use. */
struct pace_turn {
	TAILQ_ENTRY(pace_turn) entry;
	struct pace *pace; /* whose queue it is in; NULL: in none */
};

enum pace_word {
	PACE_GO,   /* at once */
	PACE_WAIT, /* pace_next() will say when */
	PACE_FULL, /* the queue is at its bound: not now */
};
#define PACE_WORDS (PACE_FULL + 1)

struct pace_host *pace_host_new(void);
void pace_host_free(struct pace_host *host); /* and its nodes; nobody may be waiting */
struct pace *pace_new(struct pace_host *host, size_t wait_max);

/* Legs a second from now on; what has been saved up stays within it. 0: without a limit. */
void pace_host_set(struct pace_host *host, double per_s, int64_t now);
void pace_set(struct pace *pace, double per_s, int64_t now);

enum pace_word pace_ask(struct pace *pace, struct pace_turn *turn, int64_t now);
void pace_leave(struct pace_turn *turn); /* in no queue is no harm */

/* The next who may go now, taken out of its queue; NULL: nobody. */
struct pace_turn *pace_next(struct pace_host *host, int64_t now);

/* ms until pace_next() may have somebody, at least 1; -1: nobody waits. */
int64_t pace_due_ms(const struct pace_host *host, int64_t now);

size_t pace_waiting(const struct pace *pace);

#endif
