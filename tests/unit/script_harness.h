/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_UNIT_SCRIPT_HARNESS_H
#define TESTS_UNIT_SCRIPT_HARNESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs the Lua scripts as mqsd does, in a redis-server of the test's own on a Unix socket in a
 * directory of its own. Every reply's events are held against lib/event.c on the way. A failure
 * fails the cmocka test that is running.
 */
struct harness;

#define HARNESS_PREFIX	 "mqs:{t}:"
#define HARNESS_INC	 "run1" /* the incarnation that the pool is opened under */
#define HARNESS_INSTANCE "i1"

struct harness *harness_new(void);
void harness_free(struct harness *h);

/* Group fixtures for cmocka: *state is the harness. */
int harness_setup(void **state);
int harness_teardown(void **state);

/* Empties Redis. */
void harness_clear(struct harness *h);

/*
 * Runs a script. The arguments are made as with json_pack ("{s:s}", ...); `inc` and `instance` are
 * added unless given. Replies are the caller's (json_decref); run_ok and run_refused check and free
 * them, and run_ok keeps the last one for `last`.
 */
json_t *run_json(struct harness *h, const char *script, const json_t *args);
json_t *run(struct harness *h, const char *script, const char *fmt, ...);
void run_ok(struct harness *h, const char *script, const char *fmt, ...);
void run_refused(struct harness *h, const char *code, const char *script, const char *fmt, ...);
const json_t *last(const struct harness *h);
/* The first event of that name in the last reply, or NULL. */
const json_t *last_event(const struct harness *h, const char *name);
size_t last_events(const struct harness *h);
/* A string or number of the object as text; "" when it is not there. Good until the next call. */
const char *text_of(struct harness *h, const json_t *object, const char *key);

/* Plain Redis. Keys are given without the prefix. Results are good until the next call. */
void redis_do(struct harness *h, const char *fmt, ...);
/* The reply must be a string. */
const char *redis_text(struct harness *h, const char *fmt, ...);
const char *hget(struct harness *h, const char *key, const char *field); /* "" when absent */
int64_t zrank(struct harness *h, const char *key, const char *member);	 /* -1 when absent */
bool key_exists(struct harness *h, const char *key);

/* Each key in Redis with a hash of what it holds: equal when nothing has changed. The caller's
 * (free). */
char *snapshot(struct harness *h);

/* Breaks a key (full name): a list, which MQS never keeps, stands there until `mend`. */
void key_break(struct harness *h, const char *key);
void key_mend(struct harness *h);

/* Keys that the script touched when it ran with these arguments and was not refused. Array. */
json_t *keys_touched(struct harness *h, const char *script, const json_t *args);

/* What the control API shows of an object (mqsd/view.h); until the next run. */
struct view;
const json_t *shown(struct harness *h, const struct view *view, const char *name);

/* A plain command; the reply is freed by the caller (freeReplyObject), an error is one. */
struct redisReply;
struct redisReply *redis_argv(struct harness *h, int argc, const char **argv,
			      const size_t *argvlen);

/* The pool's clock goes on by so many ms: the scripts take the later of Redis' time and the pool's.
 */
void advance(struct harness *h, int64_t ms);

/* The usual scene: the pool open and ready, nodes a1 and a2 owned (token "t") and up. */
void scene_pool(struct harness *h);
void scene_queue(struct harness *h, const char *queue);
/* An agent, logged in unless `out`, and a member of the queue unless that is NULL. */
void scene_agent(struct harness *h, const char *agent, const char *queue, bool out);
/* Kamailio has told of a phone, and the pool looks. */
void scene_heard(struct harness *h, const char *ev, const char *agent);
/* A call on a1, entered `ago` ms ago; its id is good until the next run. channel: any name. */
const char *scene_call(struct harness *h, const char *channel, const char *queue, int64_t ago);

#endif
