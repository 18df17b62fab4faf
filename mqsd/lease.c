/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/lease.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"
#include "mqsd/script.h"

struct lease {
	TAILQ_ENTRY(lease) entry;
	struct leases *leases;
	struct lease_hooks hooks;
	char *key, *counter;
	char token[128]; /* "" when not ours */
	int64_t sent;	 /* mono ms, just before the command under way left */
	int64_t until;	 /* mono ms */
	bool busy, told;
};

struct leases {
	struct loop *loop;
	const struct conf *conf;
	struct redis *redis;
	struct scripts *scripts;
	struct loop_timer *tick;
	TAILQ_HEAD(, lease) all;
	void (*done)(void *arg);
	void *done_arg;
	size_t dropping;
};

static void
eval(struct lease *lease, const char *name, redis_cb *cb, int keys, int argc, const char **args)
{
	struct leases *leases = lease->leases;
	const char *argv[8] = {"EVAL", script_find(leases->scripts, name)->text,
			       keys == 1 ? "1" : "2"};
	size_t len[8];
	int i, n = 3;

	for (i = 0; i < argc; i++)
		argv[n++] = args[i];
	for (i = 0; i < n; i++)
		len[i] = strlen(argv[i]);
	lease->sent = clock_mono_ms();
	lease->busy = true;
	redis_command(leases->redis, cb, lease, leases->conf->redis_timeout_ms, n, argv, len);
}

static void
on_take(void *arg, struct redisReply *r)
{
	struct lease *lease = arg;

	lease->busy = false;
	if (r == NULL || redis_reply_error(r) != NULL)
		return;
	if (r->type != REDIS_REPLY_ARRAY || r->elements < 2 || r->element[1]->str == NULL) {
		log_error("lease %s: Redis says: %s", lease->key,
			  r->str != NULL ? r->str : "something unexpected");
		return;
	}
	if (r->element[0]->integer == 0) {
		if (!lease->told)
			log_info("lease %s is held by %s", lease->key, r->element[1]->str);
		lease->told = true;
		return;
	}
	lease->told = false;
	snprintf(lease->token, sizeof(lease->token), "%s", r->element[1]->str);
	lease->until = lease->sent + lease->leases->conf->lease_ms;
	log_info("lease %s taken under token %s", lease->key, lease->token);
	lease->hooks.taken(lease->hooks.arg);
}

static void
on_renew(void *arg, struct redisReply *r)
{
	struct lease *lease = arg;

	lease->busy = false;
	if (r == NULL || redis_reply_error(r) != NULL)
		return;
	if (r->type == REDIS_REPLY_INTEGER && r->integer == 1) {
		lease->until = lease->sent + lease->leases->conf->lease_ms;
		return;
	}
	if (r->type != REDIS_REPLY_INTEGER) {
		log_error("lease %s: Redis says: %s", lease->key, r->str != NULL ? r->str : "?");
		return;
	}
	log_warn("lease %s was taken by another instance", lease->key);
	lease->token[0] = '\0';
	lease->until = 0;
	lease->hooks.lost(lease->hooks.arg, "another instance");
}

static void
step(struct lease *lease)
{
	char ms[32];

	if (lease->busy)
		return;
	snprintf(ms, sizeof(ms), "%lld", (long long)lease->leases->conf->lease_ms);
	if (lease->token[0] == '\0') {
		/* "1": our lock on state_dir shows that a lease under our name is a dead process'.
		 */
		const char *take[] = {lease->key, lease->counter, lease->leases->conf->instance, ms,
				      "1"};
		eval(lease, "lease_take", on_take, 2, 5, take);
	} else {
		const char *renew[] = {lease->key, lease->token, ms};
		eval(lease, "lease_renew", on_renew, 1, 3, renew);
	}
}

static void
on_tick(void *arg)
{
	struct leases *leases = arg;
	struct lease *lease;

	loop_timer_arm(leases->tick, leases->conf->lease_ms / 3);
	if (!redis_is_up(leases->redis) || leases->done != NULL)
		return;
	TAILQ_FOREACH(lease, &leases->all, entry)
	step(lease);
}

static void
on_up(void *arg)
{
	on_tick(arg);
}

/* Nothing is lost yet: a late owner whose lease nobody took keeps it. */
static void
on_down(void *arg, const char *why)
{
	(void)arg;
	(void)why;
}

struct leases *
leases_new(struct loop *loop, const struct conf *conf, struct redis_server *server)
{
	struct leases *leases = mem_zero(sizeof(*leases));
	struct redis_hooks hooks = {on_up, on_down, leases};

	leases->loop = loop;
	leases->conf = conf;
	leases->scripts = scripts_new();
	leases->tick = loop_timer_new(loop, on_tick, leases);
	TAILQ_INIT(&leases->all);
	leases->redis = redis_new(loop, server, &hooks);
	return leases;
}

void
leases_start(struct leases *leases)
{
	redis_start(leases->redis);
}

void
leases_free(struct leases *leases)
{
	struct lease *lease;

	redis_free(leases->redis);
	loop_timer_free(leases->tick);
	scripts_free(leases->scripts);
	while ((lease = TAILQ_FIRST(&leases->all)) != NULL) {
		TAILQ_REMOVE(&leases->all, lease, entry);
		free(lease->key);
		free(lease->counter);
		free(lease);
	}
	free(leases);
}

struct lease *
lease_new(struct leases *leases, const char *node, const struct lease_hooks *hooks)
{
	struct lease *lease = mem_zero(sizeof(*lease));

	lease->leases = leases;
	lease->hooks = *hooks;
	lease->key = mem_printf("mqs:lease:%s", node);
	lease->counter = mem_printf("mqs:token:%s", node);
	TAILQ_INSERT_TAIL(&leases->all, lease, entry);
	return lease;
}

const char *
lease_token(const struct lease *lease)
{
	return lease->token[0] != '\0' ? lease->token : NULL;
}

int64_t
lease_left_ms(const struct lease *lease)
{
	return lease->token[0] != '\0' ? lease->until - clock_mono_ms() : 0;
}

static void
on_dropped(void *arg, struct redisReply *r)
{
	struct leases *leases = ((struct lease *)arg)->leases;

	(void)r;
	if (--leases->dropping == 0)
		leases->done(leases->done_arg);
}

void
leases_drop(struct leases *leases, void (*done)(void *arg), void *arg)
{
	struct lease *lease;

	leases->done = done;
	leases->done_arg = arg;
	leases->dropping = 1;
	TAILQ_FOREACH(lease, &leases->all, entry)
	{
		const char *drop[] = {lease->key, lease->token};

		if (lease->token[0] == '\0')
			continue;
		leases->dropping++;
		eval(lease, "lease_drop", on_dropped, 1, 2, drop);
	}
	if (--leases->dropping == 0)
		done(arg);
}
