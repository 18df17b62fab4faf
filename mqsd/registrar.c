/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/registrar.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"
#include "mqsd/redis.h"

#define BLOCK_MS 5000
#define RETRY_MS 500

struct registrar {
	struct loop *loop;
	const struct conf *conf;
	struct pool *pool;
	struct redis *redis; /* follows the stream, to know when to look */
	struct loop_timer *retry;
	char *key;
	char at[64]; /* how far the pool has come */
	bool running, looking, following;
};

static void look(void *arg);

static void
on_more(void *arg, struct redisReply *reply)
{
	struct registrar *r = arg;

	r->following = false;
	if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
		loop_timer_arm(r->retry, RETRY_MS);
	else
		look(r);
}

static void
follow(struct registrar *r)
{
	char block[16];
	const char *argv[] = {"XREAD", "COUNT", "1", "BLOCK", block, "STREAMS", r->key, r->at};
	size_t len[8], i;

	if (r->following)
		return;
	if (!redis_is_up(r->redis)) {
		loop_timer_arm(r->retry, RETRY_MS);
		return;
	}
	snprintf(block, sizeof(block), "%d", BLOCK_MS);
	for (i = 0; i < 8; i++)
		len[i] = strlen(argv[i]);
	r->following = true;
	redis_command(r->redis, on_more, r, BLOCK_MS + r->conf->redis_timeout_ms, 8, argv, len);
}

static void
on_looked(void *arg, json_t *reply)
{
	struct registrar *r = arg;
	const char *at = json_string_value(json_object_get(reply, "at"));

	r->looking = false;
	if (pool_refusal(reply) != NULL || at == NULL) {
		loop_timer_arm(r->retry, RETRY_MS);
		return;
	}
	snprintf(r->at, sizeof(r->at), "%s", at);
	if (json_is_true(json_object_get(reply, "again")))
		look(r);
	else if (r->running)
		follow(r);
}

static void
look(void *arg)
{
	struct registrar *r = arg;

	if (!r->running || r->looking || r->following)
		return;
	r->looking = true;
	pool_call(r->pool, "registrations", json_object(), on_looked, r);
}

static void
on_up(void *arg)
{
	look(arg);
}

static void
on_down(void *arg, const char *why)
{
	(void)arg;
	(void)why;
}

struct registrar *
registrar_new(struct loop *loop, const struct conf *conf, struct pool *pool)
{
	struct registrar *r = mem_zero(sizeof(*r));
	struct redis_hooks hooks = {on_up, on_down, r};

	r->loop = loop;
	r->conf = conf;
	r->pool = pool;
	r->key = mem_printf("%sreg", pool_prefix(pool));
	r->retry = loop_timer_new(loop, look, r);
	r->redis = redis_new(loop, pool_server(pool), &hooks);
	return r;
}

void
registrar_start(struct registrar *r)
{
	if (r->running)
		return;
	r->running = true;
	redis_start(r->redis);
	loop_timer_arm(r->retry, RETRY_MS);
}

void
registrar_stop(struct registrar *r)
{
	r->running = false;
}

void
registrar_free(struct registrar *r)
{
	redis_free(r->redis);
	loop_timer_free(r->retry);
	free(r->key);
	free(r);
}
