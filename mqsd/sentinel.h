/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_SENTINEL_H
#define MQSD_SENTINEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqsd/redis_address.h"

struct loop;

/*
 * Asks the Sentinels of a group who its master is: every second, five times a second while somebody
 * is in a hurry, each with a deadline. Their state is read again and again rather than their
 * +switch-master messages followed, because one of those can be missed. The word of the highest
 * configuration epoch counts, so a Sentinel that was cut off can't lead us back to an old master.
 */
struct sentinel;

/* Called with the master whenever another one is elected; host is borrowed. */
typedef void sentinel_cb(void *arg, const struct redis_host *host);

struct sentinel *sentinel_new(struct loop *loop, const struct redis_address *address,
			      const char *user, const char *password, sentinel_cb *cb, void *arg);
void sentinel_start(struct sentinel *sentinel); /* again: nothing */
void sentinel_free(struct sentinel *sentinel);	/* NULL is fine */

/* What we use is gone or no master: ask often for the next seconds. */
void sentinel_hurry(struct sentinel *sentinel);

/* All of them have been asked for some time, and none has named a master. */
bool sentinel_is_silent(const struct sentinel *sentinel);

/* A Sentinel has named the elected master in the last seconds. */
bool sentinel_is_sure(const struct sentinel *sentinel);

/* The election by itself, for its test. */
struct sentinel_word {
	struct redis_host host; /* port 0: it said nothing, or is away */
	int64_t epoch;
};

/*
 * Index of the word to follow, or -1. `seen` is the epoch that is followed now: an older one counts
 * only when more than half of all Sentinels agree on it (the group was configured anew).
 */
int sentinel_elect(const struct sentinel_word *words, size_t count, int64_t seen);

#endif
