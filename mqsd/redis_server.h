/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_REDIS_SERVER_H
#define MQSD_REDIS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqsd/redis_address.h"
#include "mqsd/redis_error.h"

struct loop;
struct redis;

/*
 * The Redis that all connections of this mqsd use: where its master is, who may use it, what is
 * wrong with it. One connection that learns better moves them all, so that an mqsd never talks to
 * two masters; an error that all of them meet is one line of the log.
 */
struct redis_server;

struct redis_access {
	const char *address; /* as [redis] address; checked when the file was read */
	const char *user, *password;
	const char *sentinel_user, *sentinel_password;
	const char *role; /* that ROLE must say: "master", or "sentinel" for a Sentinel itself */
};

/* Strings are copied. Asks no Sentinel before the first redis_server_where(). */
struct redis_server *redis_server_new(struct loop *loop, const struct redis_access *access);
void redis_server_free(struct redis_server *server); /* after its connections */

/* Where the master is now, as text; [redis] address while nobody knows. For people; valid until it
 * moves. */
const char *redis_server_name(const struct redis_server *server);

/* "Redis at ADDRESS has ...: REPLY": what is wrong by a row, and Redis' own words while it lasts.
 */
char *redis_server_tell(const struct redis_server *server, const struct redis_error *row, char *out,
			size_t size);

/* For how long the error of that row lasts; -1: it does not. */
int64_t redis_server_lasts_ms(const struct redis_server *server, const struct redis_error *row);

/* An error was met: the first of its row is logged, the rest are the same episode. */
void redis_server_trouble(struct redis_server *server, const struct redis_error *row,
			  const char *said);

/* A write was taken: what was wrong is over, unless a connection is still down. */
void redis_server_works(struct redis_server *server);

/* False when Sentinels should know the master, and none has confirmed ours in the last seconds. */
bool redis_server_is_sure(const struct redis_server *server);

/* For redis.c. */
void redis_server_join(struct redis_server *server, struct redis *redis);
void redis_server_leave(struct redis_server *server, struct redis *redis);
bool redis_server_where(struct redis_server *server, struct redis_host *host);
const struct redis_access *redis_server_access(const struct redis_server *server);

#endif
