/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/stream.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"

#define PERIOD_MS 10000

struct stream {
	struct pool *pool;
	struct loop_timer *tick;
	int64_t level, behind;
	int64_t since; /* mono ms: of the first mark that was reached, while one is */
	char group[80];
};

static int64_t
number(const json_t *reply, const char *key)
{
	return (int64_t)json_number_value(json_object_get(reply, key));
}

static void
on_watched(void *arg, json_t *reply)
{
	struct stream *stream = arg;
	const char *group = json_string_value(json_object_get(reply, "group"));

	if (pool_refusal(reply) != NULL)
		return;
	if (stream->level == 0)
		stream->since = clock_mono_ms();
	stream->level = number(reply, "level");
	stream->behind = number(reply, "behind");
	snprintf(stream->group, sizeof(stream->group), "%s", group != NULL ? group : "");
}

static void
on_tick(void *arg)
{
	stream_watch(arg);
}

void
stream_watch(struct stream *stream)
{
	loop_timer_arm(stream->tick, PERIOD_MS);
	pool_call(stream->pool, "events_watch", json_object(), on_watched, stream);
}

struct stream *
stream_new(struct loop *loop, struct pool *pool)
{
	struct stream *stream = mem_zero(sizeof(*stream));

	stream->pool = pool;
	stream->tick = loop_timer_new(loop, on_tick, stream);
	return stream;
}

void
stream_free(struct stream *stream)
{
	loop_timer_free(stream->tick);
	free(stream);
}

json_t *
stream_figures(const struct stream *stream)
{
	return json_pack("{s:I, s:I, s:s, s:I}", "behind", (json_int_t)stream->behind, "level",
			 (json_int_t)stream->level, "group", stream->group, "since_ms",
			 (json_int_t)(stream->level > 0 ? clock_mono_ms() - stream->since : 0));
}
