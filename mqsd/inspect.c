/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/inspect.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/redis.h"
#include "mqsd/redis_server.h"
#include "mqsd/script.h"

struct inspect {
	const struct conf *conf;
	struct redis *redis;
	struct redis_server *server;
	const struct script *rehearse;
	char *key;
	inspect_cb *cb;
	void *arg;
	struct preflight_facts facts;
	struct preflight_finding findings[PREFLIGHT_FINDINGS_MAX];
	size_t count;
	int64_t begun; /* mono us */
	bool busy, failed;
	bool informed; /* INFO came, so there is something to judge */
};

struct inspect *
inspect_new(const struct conf *conf, struct redis *redis, struct redis_server *server,
	    const struct script *rehearse, const char *prefix, inspect_cb *cb, void *arg)
{
	struct inspect *inspect = mem_zero(sizeof(*inspect));

	inspect->conf = conf;
	inspect->redis = redis;
	inspect->server = server;
	inspect->rehearse = rehearse;
	inspect->key = mem_printf("%srehearsal:", prefix);
	inspect->cb = cb;
	inspect->arg = arg;
	return inspect;
}

void
inspect_free(struct inspect *inspect)
{
	free(inspect->key);
	free(inspect);
}

const char *
inspect_run_id(const struct inspect *inspect)
{
	return inspect->facts.run_id;
}

const struct preflight_finding *
inspect_findings(const struct inspect *inspect, size_t *count)
{
	*count = inspect->count;
	return inspect->findings;
}

static void
log_finding(const struct inspect *inspect, const struct preflight_finding *finding)
{
	const char *name = redis_server_name(inspect->server);

	if (finding->check->severity == PREFLIGHT_WARNING)
		log_warn("redis %s: %s. %s", name, finding->text, finding->check->hint);
	else
		log_error("redis %s: %s. %s", name, finding->text, finding->check->hint);
}

static bool
was_found(const struct inspect *inspect, const struct preflight_check *check)
{
	size_t i;

	for (i = 0; i < inspect->count; i++)
		if (inspect->findings[i].check == check)
			return true;
	return false;
}

/* True when nothing that is found forbids to use this Redis. */
static bool
judge(struct inspect *inspect)
{
	struct preflight_finding found[PREFLIGHT_FINDINGS_MAX];
	size_t i, n = preflight_judge(&inspect->facts, found);
	bool fit = true;

	for (i = 0; i < n; i++) {
		if (!was_found(inspect, found[i].check))
			log_finding(inspect, &found[i]);
		if (fit && found[i].check->severity == PREFLIGHT_REFUSE) {
			redis_found(inspect->redis, &redis_errors[REDIS_ERROR_UNFIT],
				    found[i].text);
			fit = false;
		}
	}
	memcpy(inspect->findings, found, n * sizeof(found[0]));
	inspect->count = n;
	return fit;
}

/* No answer, or another one than a Redis gives that can be used. */
static void
fail(struct inspect *inspect, const char *asked, const struct redisReply *r)
{
	char said[200];

	inspect->failed = true;
	if (r == NULL || redis_reply_error(r) != NULL)
		return;
	snprintf(said, sizeof(said), "to %s it says %s", asked,
		 r->str != NULL ? r->str : "something else");
	redis_found(inspect->redis, &redis_errors[REDIS_ERROR_FOREIGN], said);
}

static void
on_ping(void *arg, struct redisReply *r)
{
	struct inspect *inspect = arg;

	inspect->facts.ping_us = clock_mono_us() - inspect->begun;
	if (r == NULL || r->type == REDIS_REPLY_ERROR)
		fail(inspect, "PING", r);
}

static void
on_info(void *arg, struct redisReply *r)
{
	struct inspect *inspect = arg;

	if (r != NULL && r->type == REDIS_REPLY_STRING)
		preflight_take_info(&inspect->facts, r->str, (size_t)r->len);
	else
		fail(inspect, "INFO", r);
	inspect->informed = !inspect->failed;
}

static void
on_config(void *arg, struct redisReply *r)
{
	struct inspect *inspect = arg;
	size_t i;

	if (r != NULL && r->type == REDIS_REPLY_ERROR)
		inspect->facts.config_forbidden = true;
	for (i = 0; r != NULL && r->type == REDIS_REPLY_ARRAY && i + 1 < r->elements; i += 2)
		if (r->element[i]->str != NULL && r->element[i + 1]->str != NULL)
			preflight_take_config(&inspect->facts, r->element[i]->str,
					      r->element[i + 1]->str);
}

/* The last of them: replies come in order. */
static void
on_rehearsed(void *arg, struct redisReply *r)
{
	struct inspect *inspect = arg;
	bool fit;

	if (r != NULL && r->type == REDIS_REPLY_STRING)
		snprintf(inspect->facts.forbidden, sizeof(inspect->facts.forbidden), "%s", r->str);
	else
		fail(inspect, "a rehearsal of our commands", r);
	inspect->busy = false;
	fit = inspect->informed && judge(inspect);
	inspect->cb(inspect->arg, !inspect->failed && fit);
}

static void
ask(struct inspect *inspect, redis_cb *cb, int argc, const char **argv)
{
	size_t len[4];
	int i;

	for (i = 0; i < argc; i++)
		len[i] = strlen(argv[i]);
	/* Who may not read the configuration is told by preflight; that is no trouble. */
	if (cb == on_config)
		redis_try(inspect->redis, cb, inspect, inspect->conf->redis_timeout_ms, argc, argv,
			  len);
	else
		redis_command(inspect->redis, cb, inspect, inspect->conf->redis_timeout_ms, argc,
			      argv, len);
}

void
inspect_start(struct inspect *inspect)
{
	const char *ping[] = {"PING"}, *info[] = {"INFO"};
	const char *save[] = {"CONFIG", "GET", "save"};
	const char *replicas[] = {"CONFIG", "GET", "min-replicas-*"};
	const char *rehearse[] = {"EVAL", inspect->rehearse->text, "1", inspect->key};

	if (inspect->busy)
		return;
	preflight_facts_clear(&inspect->facts);
	inspect->facts.sentinel = strncmp(inspect->conf->redis_address, "sentinel:", 9) == 0;
	inspect->facts.stream_max = inspect->conf->stream_max;
	inspect->busy = true;
	inspect->failed = inspect->informed = false;
	inspect->begun = clock_mono_us();
	ask(inspect, on_ping, 1, ping);
	ask(inspect, on_info, 1, info);
	ask(inspect, on_config, 3, save);
	ask(inspect, on_config, 3, replicas);
	ask(inspect, on_rehearsed, 4, rehearse);
}
