/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/sentinel.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"
#include "mqsd/redis_server.h"

#define PERIOD_MS 1000
#define HURRY_MS  200
#define HURRY_FOR 5000
#define ANSWER_MS 1000
#define SILENT_MS 2000
#define SURE_MS	  2500 /* PERIOD_MS, ANSWER_MS and some */

struct watch {
	struct sentinel *sentinel;
	struct redis_server *server;
	struct redis *redis;
	struct sentinel_word word;
	bool told;   /* that it does not know the group */
	size_t open; /* commands under way */
};

struct sentinel {
	struct loop *loop;
	char *group;
	sentinel_cb *cb;
	void *arg;
	struct loop_timer *tick;
	struct redis_host master; /* port 0: none yet */
	int64_t epoch;
	int64_t hurry_until, started, confirmed; /* mono ms */
	struct watch *watches;
	size_t count;
};

int
sentinel_elect(const struct sentinel_word *words, size_t count, int64_t seen)
{
	size_t i, agree = 0;
	int best = -1;

	for (i = 0; i < count; i++)
		if (words[i].host.port != 0 && (best < 0 || words[i].epoch > words[best].epoch))
			best = (int)i;
	if (best < 0 || words[best].epoch >= seen)
		return best;
	for (i = 0; i < count; i++)
		if (redis_host_equal(&words[i].host, &words[best].host))
			agree++;
	return agree * 2 > count ? best : -1;
}

static void
elect(struct sentinel *sentinel)
{
	struct sentinel_word words[REDIS_SENTINELS_MAX];
	char name[REDIS_HOST_MAX + 16];
	size_t i;
	int best;

	for (i = 0; i < sentinel->count; i++)
		words[i] = sentinel->watches[i].word;
	best = sentinel_elect(words, sentinel->count, sentinel->epoch);
	if (best < 0)
		return;
	sentinel->epoch = words[best].epoch;
	sentinel->confirmed = clock_mono_ms();
	if (redis_host_equal(&words[best].host, &sentinel->master))
		return;
	sentinel->master = words[best].host;
	log_info("Sentinel %s: the master of %s is %s (epoch %" PRId64 ")",
		 redis_server_name(sentinel->watches[best].server), sentinel->group,
		 redis_host_text(&sentinel->master, name, sizeof(name)), sentinel->epoch);
	sentinel->cb(sentinel->arg, &sentinel->master);
}

/* SENTINEL MASTER: names and values in turn. Comes after the address; both are one word. */
static void
on_master(void *arg, struct redisReply *r)
{
	struct watch *watch = arg;
	size_t i;

	watch->open--;
	if (r == NULL || r->type != REDIS_REPLY_ARRAY) {
		watch->word.host.port = 0;
		return;
	}
	for (i = 0; i + 1 < r->elements; i += 2)
		if (r->element[i]->str != NULL && r->element[i + 1]->str != NULL &&
		    strcmp(r->element[i]->str, "config-epoch") == 0)
			watch->word.epoch = strtoll(r->element[i + 1]->str, NULL, 10);
	if (watch->word.host.port != 0)
		elect(watch->sentinel);
}

static void
on_address(void *arg, struct redisReply *r)
{
	struct watch *watch = arg;
	struct redis_host *host = &watch->word.host;

	watch->open--;
	host->port = 0;
	if (r == NULL)
		return;
	if (r->type != REDIS_REPLY_ARRAY || r->elements != 2 || r->element[0]->str == NULL ||
	    r->element[1]->str == NULL) {
		if (!watch->told)
			log_error("Sentinel %s names no master of the group '%s': %s; look at "
				  "[redis] "
				  "address",
				  redis_server_name(watch->server), watch->sentinel->group,
				  r->str != NULL ? r->str : "it does not know the group");
		watch->told = true;
		return;
	}
	watch->told = false;
	if (strlen(r->element[0]->str) >= sizeof(host->host))
		return;
	snprintf(host->host, sizeof(host->host), "%s", r->element[0]->str);
	host->port = atoi(r->element[1]->str);
	if (host->port < 1 || host->port > 65535)
		host->port = 0;
}

static void
ask(struct watch *watch)
{
	const char *address[] = {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", watch->sentinel->group};
	const char *master[] = {"SENTINEL", "MASTER", watch->sentinel->group};
	size_t address_len[] = {8, 23, strlen(watch->sentinel->group)};
	size_t master_len[] = {8, 6, strlen(watch->sentinel->group)};

	if (watch->open > 0 || !redis_is_up(watch->redis))
		return;
	watch->open = 2;
	redis_command(watch->redis, on_address, watch, ANSWER_MS, 3, address, address_len);
	redis_command(watch->redis, on_master, watch, ANSWER_MS, 3, master, master_len);
}

static void
on_tick(void *arg)
{
	struct sentinel *sentinel = arg;
	size_t i;

	loop_timer_arm(sentinel->tick,
		       clock_mono_ms() < sentinel->hurry_until ? HURRY_MS : PERIOD_MS);
	for (i = 0; i < sentinel->count; i++)
		ask(&sentinel->watches[i]);
}

static void
on_up(void *arg)
{
	struct watch *watch = arg;

	redis_works(watch->redis);
	ask(watch);
}

static void
on_down(void *arg, const char *why)
{
	struct watch *watch = arg;

	(void)why;
	watch->word.host.port = 0;
}

struct sentinel *
sentinel_new(struct loop *loop, const struct redis_address *address, const char *user,
	     const char *password, sentinel_cb *cb, void *arg)
{
	struct sentinel *sentinel = mem_zero(sizeof(*sentinel));
	char name[REDIS_HOST_MAX + 16];
	size_t i;

	sentinel->loop = loop;
	sentinel->group = mem_dup(address->group);
	sentinel->cb = cb;
	sentinel->arg = arg;
	sentinel->tick = loop_timer_new(loop, on_tick, sentinel);
	sentinel->count = address->count;
	sentinel->watches = mem_zero(address->count * sizeof(struct watch));
	for (i = 0; i < address->count; i++) {
		struct watch *watch = &sentinel->watches[i];
		struct redis_hooks hooks = {on_up, on_down, watch};
		struct redis_access access = {
			redis_host_text(&address->hosts[i], name, sizeof(name)),
			user,
			password,
			"",
			"",
			"sentinel"};

		watch->sentinel = sentinel;
		watch->server = redis_server_new(loop, &access);
		watch->redis = redis_new(loop, watch->server, &hooks);
	}
	return sentinel;
}

void
sentinel_start(struct sentinel *sentinel)
{
	size_t i;

	if (sentinel->started != 0)
		return;
	sentinel->started = clock_mono_ms();
	sentinel_hurry(sentinel);
	for (i = 0; i < sentinel->count; i++)
		redis_start(sentinel->watches[i].redis);
}

void
sentinel_free(struct sentinel *sentinel)
{
	size_t i;

	if (sentinel == NULL)
		return;
	for (i = 0; i < sentinel->count; i++) {
		redis_free(sentinel->watches[i].redis);
		redis_server_free(sentinel->watches[i].server);
	}
	loop_timer_free(sentinel->tick);
	free(sentinel->watches);
	free(sentinel->group);
	free(sentinel);
}

void
sentinel_hurry(struct sentinel *sentinel)
{
	int64_t now = clock_mono_ms();

	if (now >= sentinel->hurry_until)
		loop_timer_arm(sentinel->tick, 0);
	sentinel->hurry_until = now + HURRY_FOR;
}

bool
sentinel_is_silent(const struct sentinel *sentinel)
{
	return sentinel->master.port == 0 && clock_mono_ms() - sentinel->started >= SILENT_MS;
}

bool
sentinel_is_sure(const struct sentinel *sentinel)
{
	return sentinel->confirmed != 0 && clock_mono_ms() - sentinel->confirmed < SURE_MS;
}
