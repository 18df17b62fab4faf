/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_POOL_PRIV_H
#define MQSD_POOL_PRIV_H

/* Shared by pool.c (running scripts, deciding) and pool_open.c (from a connection to an open pool).
 */

#include "lib/clock_offset.h"
#include "mqsd/delays.h"
#include "mqsd/pool.h"

#define POOL_REOPEN_MS 1000

struct pool {
	struct loop *loop;
	const struct conf *conf;
	struct pool_hooks hooks;
	struct redis_server *server;
	struct redis *redis;
	struct library *library;
	struct inspect *inspect;
	struct stream *stream;
	struct loop_timer *due, *reopen, *reinspect;
	char *prefix;
	char inc[64];	 /* run_id of the Redis that the pool was opened under */
	char opened[32]; /* when its last recovery had begun then, ms since the epoch */
	char config[32]; /* version of queues and agents, as the last reply said */
	struct clock_offset clock;
	struct delays delays; /* of scripts that were answered */
	int64_t failures;     /* of those that were not, or by an error */
	struct tally *tally;
	enum pool_state state;
	bool deciding, draining, opening;
	int64_t doubt_until; /* mono ms; 0: none */
	char said[160];	     /* why the pool could not be opened, as logged */
};

/* pool.c: as pool_call(), also while the pool is closed. */
void pool_run(struct pool *pool, const char *name, json_t *args, pool_reply_cb *cb, void *arg);
void pool_close(struct pool *pool, const char *why);

/* pool_open.c; arg is the pool. */
void pool_open(void *arg);
void pool_reinspect(void *arg);
void pool_inspected(void *arg, bool fit);
void pool_redis_came(void *arg);
void pool_redis_went(void *arg, const char *why);

#endif
