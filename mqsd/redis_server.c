/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/redis_server.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"
#include "mqsd/sentinel.h"

#define MEMBERS_MAX 16
#define TICK_MS	    500
#define QUIET_MS    3000 /* an error that is not met again for so long is over */

/* An error from its first to its last occurrence. */
struct episode {
	bool active;
	int64_t since, seen; /* mono ms */
	char said[200];
};

struct redis_server {
	struct loop *loop;
	struct redis_access access;
	struct redis_host host;
	char name[REDIS_HOST_MAX * 2]; /* or the address, while nobody names a master */
	bool known;
	struct sentinel *sentinel; /* NULL: the address is the Redis' own */
	struct redis *members[MEMBERS_MAX];
	size_t member_count;
	struct episode *episodes; /* one a row of redis_errors */
	struct loop_timer *tick, *move;
};

static const char *
label(const struct redis_server *server)
{
	return strcmp(server->access.role, "sentinel") == 0 ? "Sentinel" : "redis";
}

static void
finish(struct redis_server *server, size_t i)
{
	struct episode *episode = &server->episodes[i];

	episode->active = false;
	log_info("%s %s: over after %.1f s: \"%s\"", label(server), server->name,
		 (double)(clock_mono_ms() - episode->since) / 1000, redis_errors[i].text);
}

static bool
all_are_up(const struct redis_server *server)
{
	size_t i;

	for (i = 0; i < server->member_count; i++)
		if (!redis_is_idle(server->members[i]) && !redis_is_up(server->members[i]))
			return false;
	return true;
}

static void
end_episodes(struct redis_server *server, int64_t quiet_ms)
{
	int64_t now = clock_mono_ms();
	bool more = false;
	size_t i;

	for (i = 0; i < redis_error_count; i++) {
		if (server->episodes[i].active && all_are_up(server) &&
		    now - server->episodes[i].seen >= quiet_ms)
			finish(server, i);
		more = more || server->episodes[i].active;
	}
	if (more)
		loop_timer_arm(server->tick, TICK_MS);
}

static void
on_tick(void *arg)
{
	end_episodes(arg, QUIET_MS);
}

void
redis_server_works(struct redis_server *server)
{
	end_episodes(server, 0);
}

/* All connections at once, from a clean stack: an mqsd is on one master or on none. */
static void
on_move(void *arg)
{
	struct redis_server *server = arg;
	size_t i;

	for (i = 0; i < server->member_count; i++)
		redis_reconnect(server->members[i], "all connections go to the master of now");
}

void
redis_server_trouble(struct redis_server *server, const struct redis_error *row, const char *said)
{
	struct episode *episode = &server->episodes[row - redis_errors];
	bool fresh = !episode->active;

	episode->seen = clock_mono_ms();
	if (server->sentinel != NULL && row->remedy != REDIS_WAIT)
		sentinel_hurry(server->sentinel);
	if (row->remedy == REDIS_RESOLVE)
		loop_timer_arm(server->move, 0);
	if (!fresh)
		return;
	episode->active = true;
	episode->since = episode->seen;
	snprintf(episode->said, sizeof(episode->said), "%s", said);
	if (row->remedy == REDIS_WAIT)
		log_error("%s %s %s (%s). %s", label(server), server->name, row->text, said,
			  row->hint);
	else
		log_warn("%s %s %s: %s; connecting again until it answers", label(server),
			 server->name, row->text, said);
	if (!loop_timer_armed(server->tick))
		loop_timer_arm(server->tick, TICK_MS);
}

char *
redis_server_tell(const struct redis_server *server, const struct redis_error *row, char *out,
		  size_t size)
{
	const struct episode *episode = &server->episodes[row - redis_errors];

	snprintf(out, size, "Redis at %s %s%s%s", server->name, row->text,
		 episode->active ? ": " : "", episode->active ? episode->said : "");
	return out;
}

int64_t
redis_server_lasts_ms(const struct redis_server *server, const struct redis_error *row)
{
	const struct episode *episode = &server->episodes[row - redis_errors];

	return episode->active ? clock_mono_ms() - episode->since : -1;
}

/* Of the Sentinels; also called with what we know already. */
static void
on_master(void *arg, const struct redis_host *host)
{
	struct redis_server *server = arg;

	if (server->known && redis_host_equal(&server->host, host))
		return;
	server->host = *host;
	server->known = true;
	redis_host_text(host, server->name, sizeof(server->name));
	on_move(server);
}

struct redis_server *
redis_server_new(struct loop *loop, const struct redis_access *access)
{
	struct redis_server *server = mem_zero(sizeof(*server));
	struct redis_address address;
	struct err err;

	server->loop = loop;
	server->access = (struct redis_access){
		mem_dup(access->address),	    mem_dup(access->user),
		mem_dup(access->password),	    mem_dup(access->sentinel_user),
		mem_dup(access->sentinel_password), mem_dup(access->role)};
	server->episodes = mem_zero(redis_error_count * sizeof(struct episode));
	server->tick = loop_timer_new(loop, on_tick, server);
	server->move = loop_timer_new(loop, on_move, server);
	if (redis_address_parse(access->address, &address, &err) != 0)
		fatal("[redis] address: %s", err.text);
	if (address.group[0] != '\0') {
		snprintf(server->name, sizeof(server->name), "%s", access->address);
		server->sentinel = sentinel_new(loop, &address, access->sentinel_user,
						access->sentinel_password, on_master, server);
	} else {
		on_master(server, &address.hosts[0]);
	}
	return server;
}

void
redis_server_free(struct redis_server *server)
{
	sentinel_free(server->sentinel);
	loop_timer_free(server->tick);
	loop_timer_free(server->move);
	free(server->episodes);
	free((char *)server->access.address);
	free((char *)server->access.user);
	free((char *)server->access.password);
	free((char *)server->access.sentinel_user);
	free((char *)server->access.sentinel_password);
	free((char *)server->access.role);
	free(server);
}

const char *
redis_server_name(const struct redis_server *server)
{
	return server->name;
}

bool
redis_server_is_sure(const struct redis_server *server)
{
	return server->sentinel == NULL || sentinel_is_sure(server->sentinel);
}

const struct redis_access *
redis_server_access(const struct redis_server *server)
{
	return &server->access;
}

bool
redis_server_where(struct redis_server *server, struct redis_host *host)
{
	if (server->sentinel != NULL)
		sentinel_start(server->sentinel);
	if (!server->known) {
		if (sentinel_is_silent(server->sentinel))
			redis_server_trouble(server, &redis_errors[REDIS_ERROR_NOBODY],
					     "all of them are asked every second");
		return false;
	}
	*host = server->host;
	return true;
}

void
redis_server_join(struct redis_server *server, struct redis *redis)
{
	if (server->member_count == MEMBERS_MAX)
		fatal("more than %d connections to Redis", MEMBERS_MAX);
	server->members[server->member_count++] = redis;
}

void
redis_server_leave(struct redis_server *server, struct redis *redis)
{
	size_t i;

	for (i = 0; i < server->member_count; i++)
		if (server->members[i] == redis)
			server->members[i--] = server->members[--server->member_count];
}
