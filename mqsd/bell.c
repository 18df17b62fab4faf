/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/bell.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"

#define CHECK_MS 1000
#define DEAF_MS                                                                                    \
	10000 /* the heartbeat rings about once a second; while Redis is away it doesn't           \
	       */

struct bell {
	struct loop *loop;
	struct bell_hooks hooks;
	struct redis *redis;
	struct loop_timer *check;
	char *pool, *self;
	int64_t heard; /* mono ms */
};

static void
on_message(void *arg, const char *channel, const char *message)
{
	struct bell *bell = arg;

	bell->heard = clock_mono_ms();
	if (strcmp(channel, bell->self) == 0)
		return;
	if (strncmp(message, "node ", 5) == 0)
		bell->hooks.node(bell->hooks.arg, message + 5);
	else if (strncmp(message, "reconcile ", 10) == 0)
		bell->hooks.reconcile(bell->hooks.arg, message + 10);
	else if (strcmp(message, "due") == 0)
		bell->hooks.due(bell->hooks.arg);
	else if (strcmp(message, "lease") == 0)
		bell->hooks.lease(bell->hooks.arg);
}

static void
on_up(void *arg)
{
	struct bell *bell = arg;

	bell->heard = clock_mono_ms();
	redis_subscribe(bell->redis, on_message, bell, bell->pool);
	redis_subscribe(bell->redis, on_message, bell, "mqs:bell");
	redis_subscribe(bell->redis, on_message, bell, bell->self);
}

static void
on_down(void *arg, const char *why)
{
	(void)arg;
	(void)why;
}

static void
on_check(void *arg)
{
	struct bell *bell = arg;

	loop_timer_arm(bell->check, CHECK_MS);
	if (!redis_is_up(bell->redis) || clock_mono_ms() - bell->heard < DEAF_MS)
		return;
	bell->heard = clock_mono_ms();
	redis_reconnect(bell->redis, "the doorbell hears nothing");
}

struct bell *
bell_new(struct loop *loop, const struct conf *conf, struct redis_server *server,
	 const char *prefix, const struct bell_hooks *hooks)
{
	struct bell *bell = mem_zero(sizeof(*bell));
	struct redis_hooks redis_hooks = {on_up, on_down, bell};

	bell->loop = loop;
	bell->hooks = *hooks;
	bell->pool = mem_printf("%sbell", prefix);
	bell->self = mem_printf("mqs:bell:%s", conf->instance);
	bell->check = loop_timer_new(loop, on_check, bell);
	bell->redis = redis_new(loop, server, &redis_hooks);
	return bell;
}

void
bell_start(struct bell *bell)
{
	redis_start(bell->redis);
	loop_timer_arm(bell->check, CHECK_MS);
}

void
bell_free(struct bell *bell)
{
	redis_free(bell->redis);
	loop_timer_free(bell->check);
	free(bell->pool);
	free(bell->self);
	free(bell);
}
