/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_REDIS_H
#define MQSD_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct redisReply;
struct redis_server;
struct redis_error;

/*
 * One connection to Redis on the loop (hiredis, libevent adapter): goes where the server's master
 * is, authenticates, makes sure by ROLE that it is one, reconnects with back-off for ever. The only
 * file of mqsd that sees hiredis' connections.
 */
struct redis;

struct redis_hooks {
	void (*up)(void *arg); /* connected, authenticated, on a master that may be loading */
	void (*down)(void *arg, const char *why); /* after every pending command got its NULL */
	void *arg;
};

/* Nothing happens before redis_start(). */
struct redis *redis_new(struct loop *loop, struct redis_server *server,
			const struct redis_hooks *hooks);
void redis_start(struct redis *redis);
void redis_free(struct redis *redis); /* pending commands get NULL; `down` is not called */
bool redis_is_up(const struct redis *redis);
bool redis_is_idle(const struct redis *redis); /* never started */

/*
 * The callback comes exactly once: with the reply (borrowed), or with NULL when the connection went
 * away or deadline_ms passed (0: no deadline, for blocking commands): the outcome is unknown then.
 * A passed deadline also closes the connection, because replies are in order. While down: NULL at
 * once, from within the call. An error reply that has a row in redis_error.c is reported and acted
 * upon here; it is handed to the callback all the same.
 */
typedef void redis_cb(void *arg, struct redisReply *reply);
void redis_command(struct redis *redis, redis_cb *cb, void *arg, int64_t deadline_ms, int argc,
		   const char **argv, const size_t *argvlen);

/* The same, but what is wrong is the caller's business alone. */
void redis_try(struct redis *redis, redis_cb *cb, void *arg, int64_t deadline_ms, int argc,
	       const char **argv, const size_t *argvlen);

/* The row of an error reply, or NULL: it is none, or it is about that one command. */
const struct redis_error *redis_reply_error(const struct redisReply *reply);

/*
 * Follows a channel, from `up` on and until the connection goes: to be called in `up`. A connection
 * that follows channels takes no other commands.
 */
typedef void redis_message_cb(void *arg, const char *channel, const char *message);
void redis_subscribe(struct redis *redis, redis_message_cb *cb, void *arg, const char *channel);

/* What this connection met last that had a row; NULL: nothing yet. */
const struct redis_error *redis_trouble(const struct redis *redis);

/* The connection's user found out what is wrong: as if Redis had said so. */
void redis_found(struct redis *redis, const struct redis_error *row, const char *said);

/* A write was taken: what was wrong is over, here and, unless another is down, for the server. */
void redis_works(struct redis *redis);

/* Drops the connection, once the callback under way has returned; it is made anew. */
void redis_reconnect(struct redis *redis, const char *why);

#endif
