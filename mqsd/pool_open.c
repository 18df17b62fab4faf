/* SPDX-License-Identifier: BSD-2-Clause */

/* From a connection to an open pool: Redis is looked at, the incarnation is compared. */

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "mqsd/conf.h"
#include "mqsd/inspect.h"
#include "mqsd/loop.h"
#include "mqsd/pool_priv.h"
#include "mqsd/redis.h"
#include "mqsd/redis_error.h"
#include "mqsd/redis_server.h"
#include "mqsd/stream.h"

#define REINSPECT_MS 30000
#define DOUBT_MS     15000 /* more than a min-replicas-max-lag of 10 s */

static void
on_opened(void *arg, json_t *reply)
{
	struct pool *pool = arg;
	const char *state = json_string_value(json_object_get(reply, "state"));
	const char *opened = json_string_value(json_object_get(reply, "opened"));
	bool another;

	pool->opening = false;
	if (pool_refusal(reply) != NULL || state == NULL || opened == NULL) {
		const char *why = json_string_value(json_object_get(reply, "text"));

		if (why != NULL && strncmp(pool->said, why, sizeof(pool->said) - 1) != 0)
			log_error("pool %s cannot be opened, trying on: %s", pool->conf->pool, why);
		snprintf(pool->said, sizeof(pool->said), "%s", why != NULL ? why : "");
		loop_timer_arm(pool->reopen, POOL_REOPEN_MS);
		return;
	}
	pool->said[0] = '\0';
	redis_works(pool->redis);
	pool->state = strcmp(state, "ready") == 0 ? POOL_READY : POOL_RECOVERING;
	log_info("pool %s is %s", pool->conf->pool, state);
	/* To us it is another Redis, even if the others have recovered under it already. */
	another = pool->opened[0] != '\0' && strcmp(pool->opened, opened) != 0;
	snprintf(pool->opened, sizeof(pool->opened), "%s", opened);
	pool->hooks.opened(pool->hooks.arg, pool->state == POOL_RECOVERING || another);
	stream_watch(pool->stream);
}

/* The server's run_id is its incarnation: restart, fail-over and wipe all change it or our key. */
void
pool_inspected(void *arg, bool fit)
{
	struct pool *pool = arg;

	loop_timer_arm(pool->reinspect, REINSPECT_MS);
	/* The rehearsal has written: what was wrong with an open pool's Redis is over. */
	if (!pool->opening && fit)
		redis_works(pool->redis);
	if (!pool->opening)
		return;
	if (!fit) {
		pool->opening = false;
		loop_timer_arm(pool->reopen, POOL_REOPEN_MS);
		return;
	}
	snprintf(pool->inc, sizeof(pool->inc), "%s", inspect_run_id(pool->inspect));
	pool_run(pool, "pool_open",
		 json_pack("{s:s, s:o}", "version", MQS_VERSION, "nodes",
			   pool->hooks.nodes(pool->hooks.arg)),
		 on_opened, pool);
}

void
pool_reinspect(void *arg)
{
	struct pool *pool = arg;

	if (pool->state != POOL_CLOSED && redis_is_up(pool->redis))
		inspect_start(pool->inspect);
}

void
pool_look_again(struct pool *pool)
{
	pool_reinspect(pool);
}

static bool
is_in_doubt(struct pool *pool)
{
	if (pool->doubt_until == 0)
		return false;
	if (redis_server_is_sure(pool->server) || clock_mono_ms() >= pool->doubt_until) {
		pool->doubt_until = 0;
		return false;
	}
	redis_found(pool->redis, &redis_errors[REDIS_ERROR_UNSURE],
		    "another mqsd serves our nodes, and no Sentinel answers");
	return true;
}

void
pool_doubt(struct pool *pool)
{
	if (pool->state == POOL_CLOSED || redis_server_is_sure(pool->server))
		return;
	pool->doubt_until = clock_mono_ms() + DOUBT_MS;
	is_in_doubt(pool);
	pool_close(pool, redis_errors[REDIS_ERROR_UNSURE].text);
	loop_timer_arm(pool->reopen, POOL_REOPEN_MS);
}

void
pool_open(void *arg)
{
	struct pool *pool = arg;

	if (pool->opening || !redis_is_up(pool->redis))
		return;
	if (is_in_doubt(pool)) {
		loop_timer_arm(pool->reopen, POOL_REOPEN_MS);
		return;
	}
	pool->opening = true;
	inspect_start(pool->inspect);
}

void
pool_redis_came(void *arg)
{
	struct pool *pool = arg;

	log_info("redis %s is up", redis_server_name(pool->server));
	pool_open(pool);
}

void
pool_redis_went(void *arg, const char *why)
{
	struct pool *pool = arg;

	pool->opening = false;
	pool_close(pool, why);
}
