/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/lease.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/instance.h"
#include "mqsd/lease_priv.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"
#include "mqsd/script.h"

#define BEATS	  4    /* renewals in the life of a lease */
#define LOOK_MS	  5    /* after that moment */
#define PROMPT_MS 500  /* an answer that took longer shows nothing about a lease */
#define TWICE_MS  1000 /* between two looks that find it run out */
#define ORPHAN_MS 4000 /* run out for so long: taken by whoever comes, evenly or not */
#define CALM_MS	  2500 /* after Redis was away: so long its owner may take to come back to it */
#define FREE	  "free:"

struct ask *
leases_ask(struct leases *leases, ask_cb *cb)
{
	struct ask *ask = ask_new(leases->redis, leases->conf->redis_timeout_ms, cb);

	ask->of = leases;
	return ask;
}

struct ask *
lease_ask(struct lease *lease, ask_cb *cb)
{
	struct ask *ask = leases_ask(lease->leases, cb);

	ask->lease = lease;
	lease->busy++;
	return ask;
}

/* All nodes' leases, by which a script counts who has how many. */
void
lease_ask_all_keys(struct ask *ask)
{
	struct lease *lease;

	TAILQ_FOREACH(lease, &ask->of->all, entry)
	ask_key(ask, lease->key);
}

void
lease_ask_peers(struct ask *ask)
{
	const char *names[INSTANCES_MAX];
	size_t n = instances_peers(ask->of->instances, ask->lease->node, names, INSTANCES_MAX), i;

	for (i = 0; i < n; i++)
		ask_arg(ask, names[i]);
}

void
lease_set_holder(struct lease *lease, const char *holder)
{
	if (strcmp(lease->holder, holder) != 0)
		log_debug("node %s: lease held by '%s', now by '%s'", lease->node, lease->holder,
			  holder);
	snprintf(lease->holder, sizeof(lease->holder), "%s", holder);
}

void
lease_now_ours(struct lease *lease, const char *token, int64_t until, const char *why)
{
	snprintf(lease->token, sizeof(lease->token), "%s", token);
	lease_set_holder(lease, lease->leases->conf->instance);
	lease->had = true;
	lease->free_since = 0;
	lease->until = until;
	log_info("node %s: lease taken (%s) under token %s", lease->node, why, token);
	lease->hooks.taken(lease->hooks.arg, why);
}

static void
on_take(struct ask *ask, struct redisReply *r)
{
	struct lease *lease = ask->lease;

	lease->busy--;
	if (r == NULL || r->type != REDIS_REPLY_ARRAY || r->elements < 2 ||
	    r->element[1]->str == NULL)
		return;
	if (r->element[0]->integer == 1)
		lease_now_ours(lease, r->element[1]->str, ask->sent + lease->leases->conf->lease_ms,
			       ask->why);
}

static void
take(struct lease *lease, const char *why, const char *ms)
{
	struct ask *ask = lease_ask(lease, on_take);

	ask->why = why;
	ask_key(ask, lease->key);
	ask_key(ask, lease->counter);
	lease_ask_all_keys(ask);
	ask_arg(ask, lease->leases->conf->instance);
	ask_arg(ask, ms);
	ask_arg(ask, why);
	lease_ask_peers(ask);
	ask_send(ask, "lease_take");
}

static void
on_renew(struct ask *ask, struct redisReply *r)
{
	struct lease *lease = ask->lease;

	lease->busy--;
	if (r == NULL || r->type != REDIS_REPLY_INTEGER || lease->token[0] == '\0')
		return;
	if (r->integer == 1) {
		lease->until = ask->sent + lease->leases->conf->lease_ms;
		return;
	}
	log_warn("node %s: its lease was taken by another instance", lease->node);
	lease->token[0] = '\0';
	lease->until = 0;
	lease_set_holder(lease, "another instance");
	lease->hooks.lost(lease->hooks.arg, "another instance");
}

/* Whose a lease is by what stands under its key. */
static const char *
by_whom(const char *value)
{
	if (strncmp(value, FREE, strlen(FREE)) == 0)
		return value + strlen(FREE);
	return strlen(value) > 17 ? value + 17 : "";
}

/*
 * May this lease be taken, and why? Our lock on state_dir shows that an earlier life of ours is
 * over; another's lease must have been seen to have run out twice, by prompt answers, because a
 * Redis that answers late keeps its owner from renewing it, too.
 */
static const char *
reason_to_take(struct lease *lease, const char *value, const char *last, const struct ask *beat)
{
	const char *me = lease->leases->conf->instance;
	int64_t now = clock_mono_ms(), age;

	if (*value != '\0')
		lease->free_since = 0;
	if (strncmp(value, FREE, strlen(FREE)) == 0)
		return *by_whom(value) == '\0' || strcmp(by_whom(value), me) == 0 ? "given" : NULL;
	if (!lease->had && strcmp(by_whom(*value != '\0' ? value : last), me) == 0)
		return "restarted";
	if (*value != '\0')
		return NULL;
	if (now - beat->sent >= PROMPT_MS || now < lease->leases->calm_until) {
		lease->free_since = 0;
		return NULL;
	}
	if (lease->free_since == 0) {
		lease->free_since = beat->sent;
		if (*lease->holder != '\0')
			log_warn("node %s: the lease of %s has run out", lease->node,
				 lease->holder);
		return NULL;
	}
	age = beat->sent - lease->free_since;
	return age >= ORPHAN_MS ? "abandoned" : age >= TWICE_MS ? "expired" : NULL;
}

/* A look at the right moment takes a second or two off a take-over. */
static void
look_in(struct leases *leases, int64_t ms)
{
	if (!leases->stopped && ms < leases->conf->lease_ms / BEATS &&
	    !loop_timer_armed(leases->look))
		loop_timer_arm(leases->look, ms < 0 ? 0 : ms + LOOK_MS);
}

static void
saw(struct lease *lease, const char *value, const char *last, int64_t left, const struct ask *beat)
{
	const char *why;
	char ms[32];

	if (lease->token[0] != '\0' || lease->busy > 0 || lease->retired)
		return;
	why = reason_to_take(lease, value, last, beat);
	if (*value != '\0')
		lease_set_holder(lease, by_whom(value));
	if (why == NULL && left > 0)
		look_in(lease->leases, left);
	else if (why == NULL && lease->free_since != 0)
		look_in(lease->leases, lease->free_since + TWICE_MS - clock_mono_ms());
	if (why == NULL || lease->leases->stopped)
		return;
	snprintf(ms, sizeof(ms), "%lld", (long long)lease->leases->conf->lease_ms);
	take(lease, why, ms);
}

static void
take_instances(struct leases *leases, const struct redisReply *list)
{
	size_t i;

	instances_begin(leases->instances);
	for (i = 0; i + 1 < list->elements; i += 2)
		instances_add(leases->instances, list->element[i]->str, list->element[i + 1]->str);
}

static void beat(struct leases *leases);

static void
on_beat(struct ask *ask, struct redisReply *r)
{
	struct leases *leases = ask->of;
	const struct redisReply *values;
	struct lease *lease;
	size_t i = 0;

	leases->beating = false;
	if (r == NULL || r->type != REDIS_REPLY_ARRAY || r->elements != 3 ||
	    r->element[1]->type != REDIS_REPLY_ARRAY || r->element[2]->type != REDIS_REPLY_ARRAY)
		return;
	leases->known = true;
	take_instances(leases, r->element[1]);
	values = r->element[2];
	TAILQ_FOREACH(lease, &leases->all, entry)
	{
		if (i + 2 < values->elements)
			saw(lease, values->element[i]->str, values->element[i + 1]->str,
			    values->element[i + 2]->integer, ask);
		i += 3;
	}
	if (r->element[0]->integer == 1 && !leases->stopped)
		leases->hooks.leave(leases->hooks.arg);
	if (leases->again)
		beat(leases);
}

static json_t *
owned(const struct leases *leases)
{
	json_t *names = json_array();
	const struct lease *lease;

	TAILQ_FOREACH(lease, &leases->all, entry)
	{
		if (lease->token[0] != '\0')
			json_array_append_new(names, json_string(lease->node));
	}
	return names;
}

static void
beat(struct leases *leases)
{
	struct ask *ask;
	struct lease *lease;
	char ms[32], *about, *leave;

	leases->again = leases->beating;
	if (leases->beating || !redis_is_up(leases->redis))
		return;
	leases->beating = true;
	ask = leases_ask(leases, on_beat);
	snprintf(ms, sizeof(ms), "%lld", (long long)leases->conf->lease_ms);
	about = instances_about(leases->instances, owned(leases));
	leave = mem_printf("mqs:leave:%s", leases->conf->instance);
	ask_key(ask, "mqs:instances");
	ask_key(ask, leave);
	TAILQ_FOREACH(lease, &leases->all, entry)
	{
		ask_key(ask, lease->key);
		ask_key(ask, lease->counter);
	}
	ask_arg(ask, leases->conf->instance);
	ask_arg(ask, instances_since(leases->instances));
	ask_arg(ask, ms);
	ask_arg(ask, about);
	ask_send(ask, "lease_beat");
	free(about);
	free(leave);
}

void
lease_renew(struct lease *lease)
{
	struct ask *ask;
	char ms[32];

	if (lease->token[0] == '\0' || lease->busy > 0)
		return;
	snprintf(ms, sizeof(ms), "%lld", (long long)lease->leases->conf->lease_ms);
	ask = lease_ask(lease, on_renew);
	ask_key(ask, lease->key);
	ask_arg(ask, lease->token);
	ask_arg(ask, ms);
	ask_send(ask, "lease_renew");
}

static void
on_tick(void *arg)
{
	struct leases *leases = arg;
	struct lease *lease;

	loop_timer_arm(leases->tick, leases->conf->lease_ms / BEATS);
	if (!redis_is_up(leases->redis))
		return;
	TAILQ_FOREACH(lease, &leases->all, entry)
	lease_renew(lease);
	beat(leases);
}

static void
on_look(void *arg)
{
	beat(arg);
}

static void
on_up(void *arg)
{
	struct leases *leases = arg;

	if (leases->was_up)
		leases->calm_until = clock_mono_ms() + CALM_MS;
	leases->was_up = true;
	on_tick(leases);
}

/* Nothing is lost yet: a late owner whose lease nobody took keeps it. */
static void
on_down(void *arg, const char *why)
{
	struct leases *leases = arg;

	(void)why;
	leases->known = false;
}

struct leases *
leases_new(struct loop *loop, const struct conf *conf, struct redis_server *server,
	   const struct leases_hooks *hooks)
{
	struct leases *leases = mem_zero(sizeof(*leases));
	struct redis_hooks redis_hooks = {on_up, on_down, leases};

	leases->loop = loop;
	leases->conf = conf;
	leases->hooks = *hooks;
	leases->instances = instances_new(conf);
	leases->tick = loop_timer_new(loop, on_tick, leases);
	leases->look = loop_timer_new(loop, on_look, leases);
	TAILQ_INIT(&leases->all);
	leases->redis = redis_new(loop, server, &redis_hooks);
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
	loop_timer_free(leases->look);
	instances_free(leases->instances);
	while ((lease = TAILQ_FIRST(&leases->all)) != NULL) {
		TAILQ_REMOVE(&leases->all, lease, entry);
		free(lease->node);
		free(lease->key);
		free(lease->counter);
		free(lease);
	}
	free(leases);
}

void
leases_look(struct leases *leases)
{
	beat(leases);
}

void
leases_stop_taking(struct leases *leases)
{
	leases->stopped = true;
	instances_set_leaving(leases->instances);
	beat(leases);
}

static size_t
held_by(const struct leases *leases, const char *instance)
{
	const struct lease *lease;
	size_t n = 0;

	TAILQ_FOREACH(lease, &leases->all, entry)
	n += !lease->retired && strcmp(lease->holder, instance) == 0;
	return n;
}

bool
leases_too_many(const struct leases *leases)
{
	size_t mine = held_by(leases, leases->conf->instance), n, i;
	const char *names[INSTANCES_MAX];
	const struct lease *lease;

	if (leases->stopped || !leases->known || mine < 2)
		return false;
	TAILQ_FOREACH(lease, &leases->all, entry)
	{
		n = instances_peers(leases->instances, lease->node, names, INSTANCES_MAX);
		for (i = 0; lease->token[0] != '\0' && i < n; i++)
			if (held_by(leases, names[i]) + 2 <= mine)
				return true;
	}
	return false;
}

bool
lease_has_peers(const struct lease *lease)
{
	const char *name;

	return instances_peers(lease->leases->instances, lease->node, &name, 1) > 0;
}

const struct instances *
leases_instances(const struct leases *leases)
{
	return leases->known ? leases->instances : NULL;
}

struct lease *
lease_new(struct leases *leases, const char *node, const struct lease_hooks *hooks)
{
	struct lease *lease = mem_zero(sizeof(*lease));

	lease->leases = leases;
	lease->hooks = *hooks;
	lease->node = mem_dup(node);
	lease->key = mem_printf("mqs:lease:%s", node);
	lease->counter = mem_printf("mqs:token:%s", node);
	TAILQ_INSERT_TAIL(&leases->all, lease, entry);
	return lease;
}

void
lease_retire(struct lease *lease)
{
	lease->retired = true;
}

const char *
lease_token(const struct lease *lease)
{
	return lease->token[0] != '\0' ? lease->token : NULL;
}

bool
lease_is_anothers(const struct lease *lease)
{
	return lease->holder[0] != '\0' && lease->free_since == 0 &&
	       strcmp(lease->holder, lease->leases->conf->instance) != 0;
}

int64_t
lease_left_ms(const struct lease *lease)
{
	return lease->token[0] != '\0' ? lease->until - clock_mono_ms() : 0;
}

bool
lease_is_under_way(const struct lease *lease)
{
	return lease->busy > 0;
}
