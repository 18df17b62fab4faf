/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/library.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/redis.h"
#include "mqsd/script.h"

struct library {
	struct redis *redis;
	int64_t deadline_ms;
	bool loading;
	bool swept; /* once in our life, or two versions would remove each other for ever */
};

struct library *
library_new(struct redis *redis, int64_t deadline_ms)
{
	struct library *library = mem_zero(sizeof(*library));

	library->redis = redis;
	library->deadline_ms = deadline_ms;
	return library;
}

void
library_free(struct library *library)
{
	free(library);
}

static void
on_deleted(void *arg, struct redisReply *r)
{
	(void)arg;
	(void)r;
}

/* Of a library the list tells name and value in turn. */
static void
consider(struct library *library, const redisReply *told)
{
	const char *argv[] = {"FUNCTION", "DELETE", NULL};
	size_t len[] = {8, 6, 0}, i;

	for (i = 0; i + 1 < told->elements; i += 2)
		if (strcmp(told->element[i]->str, "library_name") == 0)
			argv[2] = told->element[i + 1]->str;
	if (argv[2] == NULL || strcmp(argv[2], script_library_name) == 0)
		return;
	len[2] = strlen(argv[2]);
	redis_try(library->redis, on_deleted, library, library->deadline_ms, 3, argv, len);
}

static void
on_listed(void *arg, struct redisReply *r)
{
	size_t i;

	for (i = 0; r != NULL && r->type == REDIS_REPLY_ARRAY && i < r->elements; i++)
		consider(arg, r->element[i]);
}

static void
sweep(struct library *library)
{
	const char *argv[] = {"FUNCTION", "LIST", "LIBRARYNAME", "mqs_*"};
	const size_t len[] = {8, 4, 11, 5};

	library->swept = true;
	redis_try(library->redis, on_listed, library, library->deadline_ms, 4, argv, len);
}

static void
on_loaded(void *arg, struct redisReply *r)
{
	struct library *library = arg;

	library->loading = false;
	if (r == NULL)
		return;
	if (r->type != REDIS_REPLY_ERROR && !library->swept)
		sweep(library);
	/* What is wrong with Redis as a whole has been said already. */
	if (r->type == REDIS_REPLY_ERROR && redis_reply_error(r) == NULL &&
	    strstr(r->str, "already exists") == NULL)
		log_error("Redis does not take the scripts: %s", r->str);
}

void
library_load(struct library *library)
{
	const char *argv[] = {"FUNCTION", "LOAD", script_library};
	const size_t len[] = {8, 4, strlen(script_library)};

	if (library->loading)
		return;
	library->loading = true;
	redis_command(library->redis, on_loaded, library, library->deadline_ms, 3, argv, len);
}
