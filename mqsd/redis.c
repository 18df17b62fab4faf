/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/redis.h"

#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/loop.h"
#include "mqsd/redis_server.h"

#define CONNECT_MS 3000
#define RETRY_MIN  100
#define RETRY_MAX  2000

/* A command under way; replies come in the order of the list. */
struct pending {
	TAILQ_ENTRY(pending) entry;
	struct redis *redis;
	redis_cb *cb;
	void *arg;
	int64_t deadline; /* mono ms; 0: none */
	bool quiet;	  /* an error reply is the caller's business */
};

struct redis {
	struct loop *loop;
	struct redis_server *server;
	struct redis_hooks hooks;
	redisAsyncContext *ac;
	struct loop_timer *retry;    /* next attempt */
	struct loop_timer *deadline; /* of connecting, or of the oldest command */
	struct loop_timer *drop;     /* redis_reconnect() was asked for */
	TAILQ_HEAD(, pending) pending;
	int64_t retry_ms;
	char why[160]; /* of the drop */
	const struct redis_error *trouble;
	bool started, up, freeing;
	redis_message_cb *message;
	void *message_arg;
};

static void dial(void *arg);

void
redis_found(struct redis *redis, const struct redis_error *row, const char *said)
{
	redis->trouble = row;
	redis_server_trouble(redis->server, row, said);
}

void
redis_works(struct redis *redis)
{
	redis->trouble = NULL;
	redis_server_works(redis->server);
}

const struct redis_error *
redis_trouble(const struct redis *redis)
{
	return redis->trouble;
}

static void
lost(struct redis *redis, const char *why)
{
	bool was_up = redis->up;

	redis->ac = NULL;
	redis->up = false;
	loop_timer_stop(redis->deadline);
	loop_timer_stop(redis->drop);
	if (redis->freeing)
		return;
	loop_timer_arm(redis->retry, redis->retry_ms);
	redis->retry_ms = redis->retry_ms * 2 > RETRY_MAX ? RETRY_MAX : redis->retry_ms * 2;
	if (was_up)
		redis->hooks.down(redis->hooks.arg, why);
}

/* Not from within one of this connection's callbacks while commands are pending. */
static void
drop(struct redis *redis, const char *why)
{
	redisAsyncContext *ac = redis->ac;

	if (ac == NULL)
		return;
	/* Every pending callback gets NULL from within; then we are told as if the peer had gone.
	 */
	ac->data = NULL;
	redisAsyncFree(ac);
	lost(redis, why);
}

static void
on_drop(void *arg)
{
	struct redis *redis = arg;
	char why[sizeof(redis->why)];

	snprintf(why, sizeof(why), "%s", redis->why);
	redis->retry_ms = RETRY_MIN;
	drop(redis, why);
}

void
redis_reconnect(struct redis *redis, const char *why)
{
	if (redis->ac == NULL) {
		if (redis->started)
			loop_timer_arm(redis->retry, 0);
		return;
	}
	snprintf(redis->why, sizeof(redis->why), "%s", why);
	loop_timer_arm(redis->drop, 0);
}

/* The connection went away, or did not come about. */
static void
failed(struct redis *redis, const char *why)
{
	char text[160];

	snprintf(text, sizeof(text), "%s", why);
	redis_found(redis, &redis_errors[REDIS_ERROR_AWAY], text);
	if (redis->ac != NULL)
		drop(redis, text);
	else
		lost(redis, text);
}

static void
on_deadline(void *arg)
{
	struct redis *redis = arg;
	struct pending *oldest = TAILQ_FIRST(&redis->pending);
	int64_t now = clock_mono_ms();

	if (!redis->up)
		return failed(redis, "no answer while connecting");
	if (oldest == NULL || oldest->deadline == 0)
		return;
	if (oldest->deadline > now)
		return loop_timer_arm(redis->deadline, oldest->deadline - now);
	failed(redis, "a command was not answered in time");
}

static void
on_disconnect(const redisAsyncContext *ac, int status)
{
	struct redis *redis = ac->data;

	(void)status;
	if (redis == NULL)
		return;
	redis->ac = NULL;
	failed(redis, ac->errstr != NULL && *ac->errstr != '\0' ? ac->errstr : "closed");
}

/* What it is that we are connected to does not do; it is looked at again later. */
static void
unfit(struct redis *redis, const struct redis_error *row, const char *said)
{
	char why[160];

	snprintf(why, sizeof(why), "%s", said);
	redis_found(redis, row, why);
	drop(redis, why);
}

static void
is_up(struct redis *redis)
{
	redis->up = true;
	redis->retry_ms = RETRY_MIN;
	loop_timer_stop(redis->deadline);
	redis->hooks.up(redis->hooks.arg);
}

static void
on_role(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis *redis = ac->data;
	const char *wanted, *role;
	redisReply *reply = r;
	const struct redis_error *row;
	char why[160];

	(void)arg;
	if (redis == NULL || reply == NULL)
		return;
	row = redis_reply_error(reply);
	/* Whoever may not ask for the role learns it from the first write. */
	if (row != NULL && strcmp(row->code, "redis_noperm") == 0)
		return is_up(redis);
	if (row != NULL)
		return unfit(redis, row, reply->str);
	wanted = redis_server_access(redis->server)->role;
	role = reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 ? reply->element[0]->str
								       : NULL;
	if (role != NULL && strcmp(role, wanted) == 0)
		return is_up(redis);
	if (role != NULL && strcmp(role, "slave") == 0)
		return unfit(redis, redis_error_find("READONLY"), "its role is 'slave'");
	snprintf(why, sizeof(why), "asked for its role, where '%s' is wanted, it says '%s'", wanted,
		 role != NULL	      ? role
		 : reply->str != NULL ? reply->str
				      : "something else");
	unfit(redis, &redis_errors[REDIS_ERROR_FOREIGN], why);
}

static void
on_auth(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis *redis = ac->data;
	redisReply *reply = r;
	const struct redis_error *row;

	(void)arg;
	if (redis == NULL || reply == NULL || reply->type != REDIS_REPLY_ERROR)
		return;
	row = redis_reply_error(reply);
	/* "No password is set": whether that matters ROLE says. */
	if (row != NULL)
		unfit(redis, row, reply->str);
}

static void
on_connect(const redisAsyncContext *context, int status)
{
	struct redis *redis = context->data;
	const struct redis_access *access;
	redisAsyncContext *ac;

	if (redis == NULL)
		return;
	ac = redis->ac;
	if (status != REDIS_OK) {
		redis->ac = NULL; /* hiredis frees it */
		failed(redis, context->errstr);
		return;
	}
	access = redis_server_access(redis->server);
	if (*access->password != '\0' && *access->user != '\0')
		redisAsyncCommand(ac, on_auth, NULL, "AUTH %s %s", access->user, access->password);
	else if (*access->password != '\0')
		redisAsyncCommand(ac, on_auth, NULL, "AUTH %s", access->password);
	redisAsyncCommand(ac, on_role, NULL, "ROLE");
}

static void
dial(void *arg)
{
	struct redis *redis = arg;
	struct redis_host host;
	redisAsyncContext *ac;

	if (redis->ac != NULL)
		return;
	if (!redis_server_where(redis->server, &host)) {
		redis->trouble = &redis_errors[REDIS_ERROR_NOBODY];
		loop_timer_arm(redis->retry, RETRY_MIN);
		return;
	}
	ac = host.port == 0 ? redisAsyncConnectUnix(host.host)
			    : redisAsyncConnect(host.host, host.port);
	if (ac == NULL || ac->err != 0) {
		char why[160];

		snprintf(why, sizeof(why), "%s", ac != NULL ? ac->errstr : "out of memory");
		if (ac != NULL)
			redisAsyncFree(ac);
		failed(redis, why);
		return;
	}
	ac->data = redis;
	redis->ac = ac;
	redisLibeventAttach(ac, loop_base(redis->loop));
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
	loop_timer_arm(redis->deadline, CONNECT_MS);
}

struct redis *
redis_new(struct loop *loop, struct redis_server *server, const struct redis_hooks *hooks)
{
	struct redis *redis = mem_zero(sizeof(*redis));

	redis->loop = loop;
	redis->server = server;
	redis->hooks = *hooks;
	redis->retry_ms = RETRY_MIN;
	redis->retry = loop_timer_new(loop, dial, redis);
	redis->deadline = loop_timer_new(loop, on_deadline, redis);
	redis->drop = loop_timer_new(loop, on_drop, redis);
	TAILQ_INIT(&redis->pending);
	redis_server_join(server, redis);
	return redis;
}

void
redis_start(struct redis *redis)
{
	redis->started = true;
	dial(redis);
}

bool
redis_is_up(const struct redis *redis)
{
	return redis->up;
}

bool
redis_is_idle(const struct redis *redis)
{
	return !redis->started;
}

void
redis_free(struct redis *redis)
{
	redis->freeing = true;
	redis_server_leave(redis->server, redis);
	if (redis->ac != NULL) {
		redis->ac->data = NULL;
		redisAsyncFree(redis->ac);
	}
	loop_timer_free(redis->retry);
	loop_timer_free(redis->deadline);
	loop_timer_free(redis->drop);
	free(redis);
}

const struct redis_error *
redis_reply_error(const struct redisReply *reply)
{
	if (reply == NULL || reply->type != REDIS_REPLY_ERROR)
		return NULL;
	return redis_error_find(reply->str);
}

static void
on_reply(redisAsyncContext *ac, void *reply, void *arg)
{
	struct pending *pending = arg;
	struct redis *redis = pending->redis;
	const struct redis_error *row = pending->quiet ? NULL : redis_reply_error(reply);
	redis_cb *cb = pending->cb;
	void *cb_arg = pending->arg;
	struct pending *next;

	(void)ac;
	TAILQ_REMOVE(&redis->pending, pending, entry);
	free(pending);
	next = TAILQ_FIRST(&redis->pending);
	if (next == NULL || next->deadline == 0)
		loop_timer_stop(redis->deadline);
	if (row != NULL && !redis->freeing) {
		redis_found(redis, row, ((redisReply *)reply)->str);
		if (row->remedy == REDIS_AGAIN)
			redis_reconnect(redis, row->text);
	}
	cb(cb_arg, reply);
}

static void
send_command(struct redis *redis, bool quiet, redis_cb *cb, void *arg, int64_t deadline_ms,
	     int argc, const char **argv, const size_t *argvlen)
{
	struct pending *pending;

	if (!redis->up) {
		cb(arg, NULL);
		return;
	}
	pending = mem_zero(sizeof(*pending));
	pending->redis = redis;
	pending->quiet = quiet;
	pending->cb = cb;
	pending->arg = arg;
	pending->deadline = deadline_ms > 0 ? clock_mono_ms() + deadline_ms : 0;
	TAILQ_INSERT_TAIL(&redis->pending, pending, entry);
	/* A timer that fires early looks at the oldest command and arms itself again. */
	if (pending->deadline != 0 && !loop_timer_armed(redis->deadline))
		loop_timer_arm(redis->deadline, deadline_ms);
	if (redisAsyncCommandArgv(redis->ac, on_reply, pending, argc, argv, argvlen) != REDIS_OK) {
		TAILQ_REMOVE(&redis->pending, pending, entry);
		free(pending);
		cb(arg, NULL);
	}
}

void
redis_command(struct redis *redis, redis_cb *cb, void *arg, int64_t deadline_ms, int argc,
	      const char **argv, const size_t *argvlen)
{
	send_command(redis, false, cb, arg, deadline_ms, argc, argv, argvlen);
}

void
redis_try(struct redis *redis, redis_cb *cb, void *arg, int64_t deadline_ms, int argc,
	  const char **argv, const size_t *argvlen)
{
	send_command(redis, true, cb, arg, deadline_ms, argc, argv, argvlen);
}

static void
on_message(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis *redis = ac->data;
	redisReply *reply = r;

	(void)arg;
	/* Who may not follow channels is cut off by hiredis instead. */
	if (redis != NULL && reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
	    reply->elements == 3 && reply->element[2]->type == REDIS_REPLY_STRING)
		redis->message(redis->message_arg, reply->element[1]->str, reply->element[2]->str);
}

void
redis_subscribe(struct redis *redis, redis_message_cb *cb, void *arg, const char *channel)
{
	redis->message = cb;
	redis->message_arg = arg;
	if (redis->ac != NULL)
		redisAsyncCommand(redis->ac, on_message, NULL, "SUBSCRIBE %s", channel);
}
