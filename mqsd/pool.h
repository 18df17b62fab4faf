/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_POOL_H
#define MQSD_POOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The pool: all its state is in Redis and is changed by scripts only (mqsd/lua/). This is
 * the one place that runs them. Replies' events are logged here, replies' claims go to `claim`, and
 * the time at which something falls due is kept here.
 */
struct pool;
struct clock_offset;
struct loop;
struct conf;
struct inspect;
struct redis_error;
struct redis_server;
struct stream;

enum pool_state {
	POOL_CLOSED,	 /* no Redis, or the pool is not opened under it yet */
	POOL_RECOVERING, /* records what nodes report, claims nothing */
	POOL_READY,
};

struct pool_hooks {
	/* A call was claimed for an agent: view = its record (borrowed). */
	void (*claim)(void *arg, json_t *view);
	/* The pool was opened under a Redis, (again) for the first time or after it forgot. */
	void (*opened)(void *arg, bool recovering);
	void (*closed)(void *arg, const char *why);
	/* Queues or agents have changed, by whomever: what export_read gives is newer than before.
	 */
	void (*changed)(void *arg);
	/* The nodes that we know, as pool_open takes them: [{name, url, drain}]; stolen. */
	json_t *(*nodes)(void *arg);
	void *arg;
};

struct pool *pool_new(struct loop *loop, const struct conf *conf, struct redis_server *server,
		      const struct pool_hooks *hooks);
void pool_start(struct pool *pool);
void pool_free(struct pool *pool);

enum pool_state pool_state(const struct pool *pool);
bool pool_redis_up(const struct pool *pool);
struct redis_server *pool_server(const struct pool *pool);
const struct redis_error *pool_trouble(const struct pool *pool); /* NULL: none was met */
const struct stream *pool_stream(const struct pool *pool);
const struct inspect *pool_inspect(const struct pool *pool);

/* Our nodes are settled: from now on this instance runs what falls due and matches what waits. */
void pool_decide(struct pool *pool);

/* Another instance says that something is due now. */
void pool_due(struct pool *pool);

/* How far the pool's clock is from ours; borrowed. */
const struct clock_offset *pool_clock(const struct pool *pool);

/*
 * Another instance took a node that Redis calls ours. If no Sentinel confirms our master just now
 * it is probably an old one: the pool is closed until one does, or until an old master that has
 * lost its replicas takes no writes any more (min-replicas-max-lag).
 */
void pool_doubt(struct pool *pool);

/* {"scripts": {"delays": as in delays.h, "failures": n}, "tally": as in tally.h}, since we started;
 * the caller's. */
json_t *pool_figures(const struct pool *pool);

/* "mqs:{pool}:", which every key begins with. */
const char *pool_prefix(const struct pool *pool);
const char *const *pool_state_names(void);

/*
 * Runs a script. `args` is stolen; `inc` is added. The callback comes exactly once, later, with
 *   - the reply object {"ok":true,...} or {"refused":"code","text":"..."} (borrowed), or
 *   - NULL: Redis is away, gave no answer in time (whether the script ran is unknown then) or
 *     refuses to work: pool_trouble() says what is wrong.
 */
typedef void pool_reply_cb(void *arg, json_t *reply);
void pool_call(struct pool *pool, const char *script, json_t *args, pool_reply_cb *cb, void *arg);

/*
 * Reads with a plain command, for what is too long for scripts; the callback is that of
 * redis_command() and may come from within the call, with NULL. What was opened before and
 * forgotten meanwhile reads as nothing.
 */
struct redisReply;
typedef void pool_read_cb(void *arg, struct redisReply *reply);
void pool_read(struct pool *pool, pool_read_cb *cb, void *arg, int argc, const char **argv,
	       const size_t *argvlen);

/* The code of a refusal, or NULL when the reply is one of success. NULL reply: "no_redis". */
const char *pool_refusal(const json_t *reply);

/* Redis' settings are looked at now; what a script asked afterwards answers comes later. */
void pool_look_again(struct pool *pool);

/* We are stopping: no claims are made here any more. What becomes possible is left to whoever runs
 * what is due, and that is not us. */
void pool_set_draining(struct pool *pool);

#endif
