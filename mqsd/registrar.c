/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/registrar.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/conf.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"
#include "mqsd/redis.h"

#define GROUP	 "mqsd"
#define BATCH	 "64"
#define BLOCK_MS 5000
#define RETRY_MS 500

struct registrar {
	struct loop *loop;
	const struct conf *conf;
	struct pool *pool;
	struct redis *redis;
	struct loop_timer *retry;
	char *key;
	bool running, fresh;	     /* fresh: entries left by an earlier life of ours are done */
	bool reading, grouped, told; /* grouped: the consumer group exists */
	size_t open;		     /* entries whose script is under way */
	bool failed;		     /* one of them got no answer: read them again */
};

struct entry {
	struct registrar *registrar;
	char id[64];
};

static void read_more(void *arg);
static void make_group(struct registrar *r);

static void
command(struct registrar *r, redis_cb *cb, void *arg, int64_t deadline, int argc, const char **argv)
{
	size_t len[16];
	int i;

	for (i = 0; i < argc; i++)
		len[i] = strlen(argv[i]);
	redis_command(r->redis, cb, arg, deadline, argc, argv, len);
}

static void
on_acked(void *arg, struct redisReply *reply)
{
	(void)arg;
	(void)reply;
}

static void
entry_done(struct registrar *r)
{
	if (--r->open > 0)
		return;
	if (r->failed) {
		r->fresh = false;
		loop_timer_arm(r->retry, RETRY_MS);
	} else {
		read_more(r);
	}
}

static void
on_told(void *arg, json_t *reply)
{
	struct entry *entry = arg;
	struct registrar *r = entry->registrar;
	const char *refused = pool_refusal(reply);
	const char *ack[] = {"XACK", r->key, GROUP, entry->id};

	if (refused != NULL &&
	    (strcmp(refused, "no_redis") == 0 || strcmp(refused, "recover") == 0))
		r->failed = true;
	else
		command(r, on_acked, r, r->conf->redis_timeout_ms, 4, ack);
	free(entry);
	entry_done(r);
}

static const char *
field(const redisReply *fields, const char *name)
{
	size_t i;

	for (i = 0; fields != NULL && fields->type == REDIS_REPLY_ARRAY && i + 1 < fields->elements;
	     i += 2)
		if (fields->element[i]->str != NULL && strcmp(fields->element[i]->str, name) == 0)
			return fields->element[i + 1]->str;
	return NULL;
}

static void
take_entry(struct registrar *r, const redisReply *item)
{
	struct entry *entry;
	const char *ev, *aor;
	char shown[160];

	if (item->type != REDIS_REPLY_ARRAY || item->elements != 2)
		return;
	ev = field(item->element[1], "ev");
	aor = field(item->element[1], "aor");
	entry = mem_zero(sizeof(*entry));
	entry->registrar = r;
	snprintf(entry->id, sizeof(entry->id), "%s", item->element[0]->str);
	r->open++;
	if (ev == NULL || aor == NULL || !text_is_name(aor)) {
		text_printable(shown, sizeof(shown), aor ? aor : "", aor ? strlen(aor) : 0);
		log_warn("registration %s of '%s' is left out: not an agent's name", entry->id,
			 shown);
		on_told(entry, json_null());
		return;
	}
	pool_call(r->pool, "registration", json_pack("{s:s, s:s}", "ev", ev, "aor", aor), on_told,
		  entry);
}

static void
on_read(void *arg, struct redisReply *reply)
{
	struct registrar *r = arg;
	const redisReply *items = NULL;
	size_t i;

	r->reading = false;
	if (reply == NULL || !r->running)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		/* NOGROUP after a wipe, or a foreign type: made, or named, once more. */
		r->grouped = false;
		loop_timer_arm(r->retry, RETRY_MS);
		return;
	}
	r->told = false;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
	    reply->element[0]->elements == 2)
		items = reply->element[0]->element[1];
	if (items == NULL || items->elements == 0) {
		r->fresh = true;
		read_more(r);
		return;
	}
	r->open = 1;
	r->failed = false;
	for (i = 0; i < items->elements; i++)
		take_entry(r, items->element[i]);
	entry_done(r);
}

static void
read_more(void *arg)
{
	struct registrar *r = arg;
	char block[16];
	const char *argv[] = {
		"XREADGROUP", "GROUP",	 GROUP,	 r->conf->instance,   "COUNT", BATCH, "BLOCK",
		block,	      "STREAMS", r->key, r->fresh ? ">" : "0"};

	if (!r->running || r->reading || r->open > 0 || !redis_is_up(r->redis))
		return;
	if (!r->grouped) {
		make_group(r);
		return;
	}
	snprintf(block, sizeof(block), "%d", BLOCK_MS);
	r->reading = true;
	command(r, on_read, r, BLOCK_MS + r->conf->redis_timeout_ms, 11, argv);
}

static void
on_group(void *arg, struct redisReply *reply)
{
	struct registrar *r = arg;

	r->reading = false;
	if (reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "BUSYGROUP", 9) != 0) {
		/* What is wrong with Redis as a whole has been said. */
		if (!r->told && redis_reply_error(reply) == NULL)
			log_error("registrations cannot be read from %s: %s", r->key, reply->str);
		r->told = true;
		loop_timer_arm(r->retry, RETRY_MS);
		return;
	}
	r->grouped = true;
	r->fresh = false;
	read_more(r);
}

static void
make_group(struct registrar *r)
{
	const char *argv[] = {"XGROUP", "CREATE", r->key, GROUP, "0", "MKSTREAM"};

	r->reading = true;
	command(r, on_group, r, r->conf->redis_timeout_ms, 6, argv);
}

static void
on_up(void *arg)
{
	struct registrar *r = arg;

	r->grouped = false;
	read_more(r);
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
	r->retry = loop_timer_new(loop, read_more, r);
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
