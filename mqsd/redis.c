/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/redis.h"

#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/loop.h"

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
};

struct redis {
	struct loop *loop;
	char *host; /* or the path of a Unix socket, when port is 0 */
	int port;
	char *user, *password;
	struct redis_hooks hooks;
	redisAsyncContext *ac;
	struct loop_timer *retry;    /* next attempt */
	struct loop_timer *deadline; /* of connecting, or of the oldest command */
	TAILQ_HEAD(, pending) pending;
	int64_t retry_ms;
	bool up, freeing, told;
};

static void dial(void *arg);

static void
lost(struct redis *redis, const char *why)
{
	bool was_up = redis->up;

	redis->ac = NULL;
	redis->up = false;
	loop_timer_stop(redis->deadline);
	if (redis->freeing)
		return;
	if (was_up || !redis->told)
		log_warn("redis %s:%d: %s; trying again until it answers", redis->host, redis->port,
			 why);
	redis->told = true;
	loop_timer_arm(redis->retry, redis->retry_ms);
	redis->retry_ms = redis->retry_ms * 2 > RETRY_MAX ? RETRY_MAX : redis->retry_ms * 2;
	if (was_up)
		redis->hooks.down(redis->hooks.arg, why);
}

void
redis_reconnect(struct redis *redis, const char *why)
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
on_deadline(void *arg)
{
	struct redis *redis = arg;
	struct pending *oldest = TAILQ_FIRST(&redis->pending);
	int64_t now = clock_mono_ms();

	if (!redis->up)
		return redis_reconnect(redis, "no answer while connecting");
	if (oldest == NULL || oldest->deadline == 0)
		return;
	if (oldest->deadline > now)
		return loop_timer_arm(redis->deadline, oldest->deadline - now);
	redis_reconnect(redis, "a command was not answered in time");
}

static void
on_disconnect(const redisAsyncContext *ac, int status)
{
	struct redis *redis = ac->data;

	(void)status;
	if (redis != NULL)
		lost(redis, ac->errstr != NULL && *ac->errstr != '\0' ? ac->errstr : "closed");
}

static void
on_hello(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis *redis = ac->data;
	redisReply *reply = r;

	(void)arg;
	if (redis == NULL || reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		/* LOADING passes by itself; a wrong password is said and tried again. */
		redis_reconnect(redis, reply->str);
		return;
	}
	redis->up = true;
	redis->told = false;
	redis->retry_ms = RETRY_MIN;
	loop_timer_stop(redis->deadline);
	redis->hooks.up(redis->hooks.arg);
}

static void
on_auth(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis *redis = ac->data;
	redisReply *reply = r;

	(void)arg;
	if (redis != NULL && reply != NULL && reply->type == REDIS_REPLY_ERROR)
		log_error("redis %s:%d: AUTH refused: %s", redis->host, redis->port, reply->str);
}

static void
on_connect(const redisAsyncContext *ac, int status)
{
	struct redis *redis = ac->data;
	redisAsyncContext *context = redis != NULL ? redis->ac : NULL;

	if (redis == NULL)
		return;
	if (status != REDIS_OK) {
		lost(redis, ac->errstr);
		return;
	}
	if (*redis->password != '\0' && *redis->user != '\0')
		redisAsyncCommand(context, on_auth, NULL, "AUTH %s %s", redis->user,
				  redis->password);
	else if (*redis->password != '\0')
		redisAsyncCommand(context, on_auth, NULL, "AUTH %s", redis->password);
	redisAsyncCommand(context, on_hello, NULL, "PING");
}

static void
dial(void *arg)
{
	struct redis *redis = arg;
	redisAsyncContext *ac;

	ac = redis->port == 0 ? redisAsyncConnectUnix(redis->host)
			      : redisAsyncConnect(redis->host, redis->port);
	if (ac == NULL || ac->err != 0) {
		char why[160];

		snprintf(why, sizeof(why), "%s", ac != NULL ? ac->errstr : "out of memory");
		if (ac != NULL)
			redisAsyncFree(ac);
		lost(redis, why);
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
redis_new(struct loop *loop, const char *address, const char *user, const char *password,
	  const struct redis_hooks *hooks)
{
	struct redis *redis = mem_zero(sizeof(*redis));
	const char *colon = strrchr(address, ':');

	redis->loop = loop;
	redis->hooks = *hooks;
	if (strncmp(address, "unix:", 5) == 0) {
		redis->host = mem_dup(address + 5);
	} else {
		redis->host = colon != NULL ? mem_dup_len(address, (size_t)(colon - address))
					    : mem_dup(address);
		redis->port = colon != NULL ? atoi(colon + 1) : 6379;
	}
	redis->user = mem_dup(user);
	redis->password = mem_dup(password);
	redis->retry_ms = RETRY_MIN;
	redis->retry = loop_timer_new(loop, dial, redis);
	redis->deadline = loop_timer_new(loop, on_deadline, redis);
	TAILQ_INIT(&redis->pending);
	return redis;
}

void
redis_start(struct redis *redis)
{
	dial(redis);
}

bool
redis_is_up(const struct redis *redis)
{
	return redis->up;
}

void
redis_free(struct redis *redis)
{
	redis->freeing = true;
	if (redis->ac != NULL) {
		redis->ac->data = NULL;
		redisAsyncFree(redis->ac);
	}
	loop_timer_free(redis->retry);
	loop_timer_free(redis->deadline);
	free(redis->host);
	free(redis->user);
	free(redis->password);
	free(redis);
}

static void
on_reply(redisAsyncContext *ac, void *reply, void *arg)
{
	struct pending *pending = arg;
	struct redis *redis = pending->redis;
	redis_cb *cb = pending->cb;
	void *cb_arg = pending->arg;
	struct pending *next;

	(void)ac;
	TAILQ_REMOVE(&redis->pending, pending, entry);
	free(pending);
	next = TAILQ_FIRST(&redis->pending);
	if (next == NULL || next->deadline == 0)
		loop_timer_stop(redis->deadline);
	cb(cb_arg, reply);
}

void
redis_command(struct redis *redis, redis_cb *cb, void *arg, int64_t deadline_ms, int argc,
	      const char **argv, const size_t *argvlen)
{
	struct pending *pending;

	if (!redis->up) {
		cb(arg, NULL);
		return;
	}
	pending = mem_zero(sizeof(*pending));
	pending->redis = redis;
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
