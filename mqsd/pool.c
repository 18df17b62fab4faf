/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/pool_priv.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/clock_offset.h"
#include "lib/event.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/arrow.h"
#include "mqsd/conf.h"
#include "mqsd/inspect.h"
#include "mqsd/library.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"
#include "mqsd/redis_error.h"
#include "mqsd/redis_server.h"
#include "mqsd/script.h"
#include "mqsd/stream.h"
#include "mqsd/tally.h"

/* Another instance may know of something due that we don't, and be gone. */
#define DUE_MAX_MS 1000

/* mqsds of two versions that start together take each other's library away, once each. */
#define LOADS_MAX 2

/* One script under way. */
struct run {
	struct pool *pool;
	const struct script *script;
	char *args;
	pool_reply_cb *cb;
	void *arg;
	int loads;	 /* times that Redis did not have the library, and it was brought */
	int64_t sent;	 /* ms since the epoch */
	int64_t sent_us; /* mono */
};

static const char *const state_names[] = {"closed", "recovering", "ready"};

const char *const *
pool_state_names(void)
{
	return state_names;
}

static void on_all(void *arg, json_t *reply);
static void run_due(void *arg);

static void
log_event(const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	const struct event_row *row = name != NULL ? event_find(name) : NULL;
	char line[1500] = "";
	size_t n = 0, i;

	for (i = 0; row != NULL && i < EVENT_FIELDS_MAX && row->fields[i].name != NULL; i++) {
		const json_t *value = json_object_get(event, row->fields[i].name);

		if (n >= sizeof(line))
			break;
		if (json_is_string(value))
			n += (size_t)snprintf(line + n, sizeof(line) - n, " %s=%s",
					      row->fields[i].name, json_string_value(value));
		else if (json_is_number(value))
			n += (size_t)snprintf(line + n, sizeof(line) - n, " %s=%.0f",
					      row->fields[i].name, json_number_value(value));
	}
	log_info("%s%s", name, line);
}

static void
arm_due(struct pool *pool, const json_t *reply)
{
	const json_t *due = json_object_get(reply, "due");
	int64_t ms = due != NULL ? (int64_t)json_number_value(due) : DUE_MAX_MS;

	if (!pool->deciding)
		return;
	loop_timer_arm(pool->due, ms < 0 ? 0 : ms > DUE_MAX_MS ? DUE_MAX_MS : ms);
}

static void
on_more(void *arg, json_t *reply)
{
	(void)arg;
	(void)reply;
}

static void
watch_config(struct pool *pool, const char *config)
{
	if (config == NULL || strcmp(config, pool->config) == 0)
		return;
	snprintf(pool->config, sizeof(pool->config), "%s", config);
	pool->hooks.changed(pool->hooks.arg);
}

/* The reply's consequences beyond its caller: log lines, claims, the next due time. */
static void
follow_up(struct pool *pool, json_t *reply)
{
	json_t *item, *more = json_object_get(reply, "more");
	size_t i;

	json_array_foreach(json_object_get(reply, "claims"), i, item)
		pool->hooks.claim(pool->hooks.arg, item);
	watch_config(pool, json_string_value(json_object_get(reply, "config")));
	arm_due(pool, reply);
	if (json_object_get(reply, "recovery") != NULL)
		pool_call(pool, "recovery", json_object(), on_more, NULL);
	if (more != NULL)
		pool_call(pool, "match", json_pack("{s:O}", "queues", more), on_more, NULL);
}

void
pool_close(struct pool *pool, const char *why)
{
	if (pool->state == POOL_CLOSED)
		return;
	pool->state = POOL_CLOSED;
	pool->deciding = false;
	loop_timer_stop(pool->due);
	log_warn("pool %s closed: %s; callers keep waiting and conversations go on, nothing is "
		 "decided",
		 pool->conf->pool, why);
	pool->hooks.closed(pool->hooks.arg, why);
}

/* Every reply says whether the pool recovers: another instance's script may have ended that. */
static void
take_state(struct pool *pool, const char *state)
{
	if (pool->state == POOL_CLOSED || state == NULL ||
	    strcmp(state_names[pool->state], state) == 0)
		return;
	pool->state = strcmp(state, "ready") == 0 ? POOL_READY : POOL_RECOVERING;
	log_info("pool %s is %s", pool->conf->pool, state_names[pool->state]);
}

static void
finish(struct run *run, json_t *reply)
{
	struct pool *pool = run->pool;
	const char *refused = json_string_value(json_object_get(reply, "refused"));
	json_t *event;
	bool recovered = false;
	size_t i;

	take_state(pool, json_string_value(json_object_get(reply, "state")));
	arrow_cross(pool->conf->instance, run->script->name, ARROW_SENT);
	json_array_foreach(json_object_get(reply, "events"), i, event)
	{
		log_event(event);
		tally_event(pool->tally, event);
		if (strcmp(json_string_value(json_object_get(event, "event")), "recovery_done") ==
		    0)
			recovered = true;
	}
	if (refused != NULL)
		log_debug("%s refused: %s: %s", run->script->name, refused,
			  json_string_value(json_object_get(reply, "text")));
	if (refused != NULL &&
	    (strcmp(refused, "script_error") == 0 || strcmp(refused, "wrong_type") == 0))
		log_error("%s: %s", run->script->name,
			  json_string_value(json_object_get(reply, "text")));
	if (refused != NULL && strcmp(refused, "recover") == 0 && !pool->opening) {
		pool_close(pool, "Redis forgot the pool");
		loop_timer_arm(pool->reopen, 0);
	}
	run->cb(run->arg, reply);
	if (reply != NULL && refused == NULL)
		follow_up(pool, reply);
	if (recovered) /* the script looked at the first queues only */
		on_all(pool, reply);
	arrow_cross(pool->conf->instance, run->script->name, ARROW_REPLY);
	free(run->args);
	free(run);
}

static void send_run(struct run *run);

static void
on_run(void *arg, struct redisReply *r)
{
	struct run *run = arg;
	struct pool *pool = run->pool;
	const struct redis_error *row = redis_reply_error(r);
	json_error_t error;
	json_t *reply = NULL;

	if (r != NULL && r->type == REDIS_REPLY_ERROR && run->loads < LOADS_MAX &&
	    strncmp(r->str, "ERR Function not found", 22) == 0) {
		run->loads++;
		library_load(pool->library);
		send_run(run);
		return;
	}
	if (r != NULL && r->type == REDIS_REPLY_STRING)
		reply = json_loadb(r->str, (size_t)r->len, 0, &error);
	if (reply != NULL)
		delays_add(&pool->delays, clock_mono_us() - run->sent_us);
	else
		pool->failures++;
	clock_offset_add(&pool->clock, run->sent, clock_wall_ms(),
			 (int64_t)json_number_value(json_object_get(reply, "now")));
	if (r != NULL && reply == NULL && row == NULL)
		log_error("%s: Redis says: %s", run->script->name,
			  r->type == REDIS_REPLY_ERROR ? r->str : "not JSON");
	finish(run, reply);
	json_decref(reply);
	if (row != NULL && !pool->opening) {
		pool_close(pool, row->text);
		loop_timer_arm(pool->reopen, POOL_REOPEN_MS);
	}
}

static void
send_run(struct run *run)
{
	const char *argv[5] = {"FCALL", run->script->function, "1", run->pool->prefix, run->args};
	size_t len[5], i;

	run->sent = clock_wall_ms();
	run->sent_us = clock_mono_us();
	for (i = 0; i < 5; i++)
		len[i] = strlen(argv[i]);
	redis_command(run->pool->redis, on_run, run, run->pool->conf->redis_timeout_ms, 5, argv,
		      len);
}

void
pool_run(struct pool *pool, const char *name, json_t *args, pool_reply_cb *cb, void *arg)
{
	struct run *run = mem_zero(sizeof(*run));

	run->pool = pool;
	run->script = script_find(name);
	run->cb = cb;
	run->arg = arg;
	json_object_set_new(args, "inc", json_string(pool->inc));
	json_object_set_new(args, "opened", json_string(pool->opened));
	json_object_set_new(args, "instance", json_string(pool->conf->instance));
	json_object_set_new(args, "stream_max", json_integer(pool->conf->stream_max));
	if (pool->draining)
		json_object_set_new(args, "drain", json_true());
	run->args = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	arrow_cross(pool->conf->instance, name, ARROW_BEFORE);
	send_run(run);
}

void
pool_call(struct pool *pool, const char *script, json_t *args, pool_reply_cb *cb, void *arg)
{
	if (pool->state == POOL_CLOSED) {
		json_decref(args);
		cb(arg, NULL);
		return;
	}
	pool_run(pool, script, args, cb, arg);
}

void
pool_read(struct pool *pool, pool_read_cb *cb, void *arg, int argc, const char **argv,
	  const size_t *argvlen)
{
	if (pool->state == POOL_CLOSED)
		cb(arg, NULL);
	else
		redis_command(pool->redis, cb, arg, pool->conf->redis_timeout_ms, argc, argv,
			      argvlen);
}

struct pool *
pool_new(struct loop *loop, const struct conf *conf, struct redis_server *server,
	 const struct pool_hooks *hooks)
{
	struct pool *pool = mem_zero(sizeof(*pool));
	struct redis_hooks redis_hooks = {pool_redis_came, pool_redis_went, pool};

	pool->loop = loop;
	pool->conf = conf;
	pool->hooks = *hooks;
	pool->prefix = mem_printf("mqs:{%s}:", conf->pool);
	pool->due = loop_timer_new(loop, run_due, pool);
	pool->reopen = loop_timer_new(loop, pool_open, pool);
	pool->server = server;
	pool->redis = redis_new(loop, server, &redis_hooks);
	pool->library = library_new(pool->redis, conf->redis_timeout_ms);
	pool->tally = tally_new();
	pool->stream = stream_new(loop, pool);
	pool->reinspect = loop_timer_new(loop, pool_reinspect, pool);
	pool->inspect = inspect_new(conf, pool->redis, server, script_find("rehearse"),
				    pool->prefix, pool_inspected, pool);
	return pool;
}

void
pool_start(struct pool *pool)
{
	redis_start(pool->redis);
}

void
pool_free(struct pool *pool)
{
	redis_free(pool->redis);
	loop_timer_free(pool->due);
	loop_timer_free(pool->reopen);
	loop_timer_free(pool->reinspect);
	inspect_free(pool->inspect);
	stream_free(pool->stream);
	library_free(pool->library);
	tally_free(pool->tally);
	free(pool->prefix);
	free(pool);
}

enum pool_state
pool_state(const struct pool *pool)
{
	return pool->state;
}

bool
pool_redis_up(const struct pool *pool)
{
	return redis_is_up(pool->redis);
}

const struct redis_error *
pool_trouble(const struct pool *pool)
{
	return redis_trouble(pool->redis);
}

const struct stream *
pool_stream(const struct pool *pool)
{
	return pool->stream;
}

const struct inspect *
pool_inspect(const struct pool *pool)
{
	return pool->inspect;
}

struct redis_server *
pool_server(const struct pool *pool)
{
	return pool->server;
}

const struct clock_offset *
pool_clock(const struct pool *pool)
{
	return &pool->clock;
}

json_t *
pool_figures(const struct pool *pool)
{
	return json_pack("{s:{s:o, s:I}, s:O}", "scripts", "delays", delays_json(&pool->delays),
			 "failures", (json_int_t)pool->failures, "tally", tally_json(pool->tally));
}

const char *
pool_prefix(const struct pool *pool)
{
	return pool->prefix;
}

const char *
pool_refusal(const json_t *reply)
{
	return reply == NULL ? "no_redis" : json_string_value(json_object_get(reply, "refused"));
}

void
pool_set_draining(struct pool *pool)
{
	pool->draining = true;
	pool->deciding = false;
	loop_timer_stop(pool->due);
}

static void
on_due(void *arg, json_t *reply)
{
	struct pool *pool = arg;

	if (pool_refusal(reply) != NULL && pool->state != POOL_CLOSED)
		loop_timer_arm(pool->due, DUE_MAX_MS);
}

static void
run_due(void *arg)
{
	struct pool *pool = arg;

	pool_call(pool, "due_run", json_object(), on_due, pool);
}

void
pool_due(struct pool *pool)
{
	if (pool->deciding)
		loop_timer_arm(pool->due, 0);
}

static void
on_all(void *arg, json_t *reply)
{
	struct pool *pool = arg;
	json_t *cursor = json_object_get(reply, "cursor");

	if (cursor != NULL)
		pool_call(pool, "match", json_pack("{s:b, s:O}", "all", 1, "cursor", cursor),
			  on_all, pool);
}

void
pool_decide(struct pool *pool)
{
	pool->deciding = true;
	pool_call(pool, "match", json_pack("{s:b}", "all", 1), on_all, pool);
	run_due(pool);
}
