/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/sse.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mqsd/conf.h"
#include "mqsd/httpd.h"
#include "mqsd/loop.h"
#include "mqsd/redis.h"

#define PING_MS	 15000
#define BLOCK_MS 1000 /* a new reader waits at most so long for the follower to come round */
#define COUNT	 500
#define PAUSE_MS 50 /* between two rounds: one costs more than an event does */

struct reader {
	TAILQ_ENTRY(reader) entry;
	struct sse *sse;
	struct httpd_request *http;
	char at[48];	/* id of the last event it got */
	char asked[48]; /* where the follower stood when the range under way was asked for */
	bool behind;	/* what follows `at` is read by XRANGE before it joins the followers */
	bool reading;
	bool gone;
};

struct sse {
	struct loop *loop;
	const struct conf *conf;
	char *key;
	struct redis *follow, *history; /* XREAD BLOCK; XRANGE */
	struct loop_timer *ping, *pause;
	TAILQ_HEAD(, reader) readers;
	char at[48]; /* of the follower; "" when it does not follow */
	bool started;
	bool following; /* or pausing */
};

static void follow(struct sse *sse);
static void catch_up(struct reader *reader);

static void
command(struct redis *redis, redis_cb *cb, void *arg, int64_t deadline, int argc, const char **argv)
{
	size_t len[12];
	int i;

	for (i = 0; i < argc; i++)
		len[i] = strlen(argv[i]);
	redis_command(redis, cb, arg, deadline, argc, argv, len);
}

static void
reader_free(struct reader *reader)
{
	TAILQ_REMOVE(&reader->sse->readers, reader, entry);
	free(reader);
}

static void
on_gone(void *arg)
{
	struct reader *reader = arg;

	reader->gone = true;
	reader->http = NULL;
	if (!reader->reading)
		reader_free(reader);
}

/* As readers get it; the caller's (free). NULL: an entry without a value. The name is found without
 * reading the whole: a quote within a text is written \". */
static char *
message_of(const redisReply *item)
{
	static const char key[] = "\"event\":\"";
	const redisReply *fields = item->element[1];
	const char *text = fields->elements >= 2 ? fields->element[1]->str : NULL;
	const char *found = text != NULL ? strstr(text, key) : NULL;
	const char *name = found != NULL ? found + sizeof(key) - 1 : "unknown";

	if (text == NULL)
		return NULL;
	return mem_printf("id: %s\nevent: %.*s\ndata: %s\n\n", item->element[0]->str,
			  (int)strcspn(name, "\""), name, text);
}

/* -1 when the reader is no more. */
static int
give(struct reader *reader, const char *id, const char *message)
{
	snprintf(reader->at, sizeof(reader->at), "%s", id);
	if (message == NULL)
		return 0;
	return httpd_stream_write(reader->http, message, strlen(message),
				  reader->sse->conf->sse_max_bytes);
}

static int
id_after(const char *a, const char *b)
{
	unsigned long long am = 0, as = 0, bm = 0, bs = 0;

	sscanf(a, "%llu-%llu", &am, &as);
	sscanf(b, "%llu-%llu", &bm, &bs);
	return am != bm ? am > bm : as > bs;
}

static void
on_range(void *arg, struct redisReply *reply)
{
	struct reader *reader = arg;
	struct sse *sse = reader->sse;
	size_t i;

	/* While `reading`, a reader that goes is only marked; it is freed here. */
	for (i = 0; reply != NULL && reply->type == REDIS_REPLY_ARRAY && i < reply->elements &&
		    !reader->gone;
	     i++) {
		char *message = message_of(reply->element[i]);
		int status = give(reader, reply->element[i]->element[0]->str, message);

		free(message);
		if (status != 0)
			break;
	}
	reader->reading = false;
	if (reader->gone) {
		reader_free(reader);
		return;
	}
	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY)
		return; /* the ping timer tries again */
	/* What the follower passed while the range was under way may have come too late for it. */
	if (reply->elements > 0 || id_after(sse->at, reader->asked))
		catch_up(reader);
	else
		reader->behind = false;
	follow(sse);
}

static void
catch_up(struct reader *reader)
{
	char from[56], count[16];
	const char *argv[] = {"XRANGE", reader->sse->key, from, "+", "COUNT", count};

	if (reader->reading || !redis_is_up(reader->sse->history))
		return;
	snprintf(from, sizeof(from), "(%s", reader->at);
	snprintf(count, sizeof(count), "%d", COUNT);
	snprintf(reader->asked, sizeof(reader->asked), "%s", reader->sse->at);
	reader->reading = true;
	command(reader->sse->history, on_range, reader, reader->sse->conf->redis_timeout_ms, 6,
		argv);
}

static void
give_all(struct sse *sse, const redisReply *items)
{
	struct reader *reader, *next;
	size_t i;

	for (i = 0; i < items->elements; i++) {
		char *message = message_of(items->element[i]);

		snprintf(sse->at, sizeof(sse->at), "%s", items->element[i]->element[0]->str);
		for (reader = TAILQ_FIRST(&sse->readers); reader != NULL; reader = next) {
			next = TAILQ_NEXT(reader, entry);
			/* One that still catches up gets it from its own range. */
			if (!reader->behind && !reader->gone && id_after(sse->at, reader->at))
				give(reader, sse->at, message);
		}
		free(message);
	}
}

static void
on_follow(void *arg, struct redisReply *reply)
{
	struct sse *sse = arg;
	const redisReply *items = NULL;

	if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
	    reply->element[0]->elements == 2)
		items = reply->element[0]->element[1];
	if (items != NULL && items->elements < COUNT) {
		give_all(sse, items);
		loop_timer_arm(sse->pause, PAUSE_MS);
		return;
	}
	sse->following = false;
	if (reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		loop_timer_arm(sse->ping, BLOCK_MS);
		return;
	}
	if (items != NULL)
		give_all(sse, items);
	follow(sse);
}

static void
follow(struct sse *sse)
{
	char block[16], count[16];
	const char *argv[] = {"XREAD", "COUNT",	  count,    "BLOCK",
			      block,   "STREAMS", sse->key, sse->at};

	if (sse->following || TAILQ_EMPTY(&sse->readers) || !redis_is_up(sse->follow) ||
	    sse->at[0] == '\0')
		return;
	snprintf(block, sizeof(block), "%d", BLOCK_MS);
	snprintf(count, sizeof(count), "%d", COUNT);
	sse->following = true;
	command(sse->follow, on_follow, sse, BLOCK_MS + sse->conf->redis_timeout_ms, 8, argv);
}

static void
on_pause_over(void *arg)
{
	struct sse *sse = arg;

	sse->following = false;
	follow(sse);
}

/* Where the stream ends now: new readers and the follower begin there. */
static void
on_last(void *arg, struct redisReply *reply)
{
	struct sse *sse = arg;
	struct reader *reader, *next;
	const char *last = "0-0";

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY)
		return;
	if (reply->elements > 0)
		last = reply->element[0]->element[0]->str;
	/* With nobody to follow for, the follower stood still; what it missed, readers get by
	 * range. */
	if (!sse->following || id_after(sse->at, last))
		snprintf(sse->at, sizeof(sse->at), "%s", last);
	for (reader = TAILQ_FIRST(&sse->readers); reader != NULL; reader = next) {
		next = TAILQ_NEXT(reader, entry);
		/* After a wipe, or a fail-over, ids begin anew; the reader goes on with what there
		 * is. */
		if (reader->at[0] == '\0' ||
		    (!sse->following && !reader->reading && id_after(reader->at, last)))
			snprintf(reader->at, sizeof(reader->at), "%s", last);
		/* What came while nobody followed, the follower does not bring: a reader may have
		 * caught up over one connection while the other was still away. */
		if (id_after(last, reader->at))
			reader->behind = true;
		if (reader->behind)
			catch_up(reader);
	}
	follow(sse);
}

static void
look_at_end(struct sse *sse)
{
	const char *argv[] = {"XREVRANGE", sse->key, "+", "-", "COUNT", "1"};

	if (redis_is_up(sse->history))
		command(sse->history, on_last, sse, sse->conf->redis_timeout_ms, 6, argv);
}

static void
on_up(void *arg)
{
	look_at_end(arg);
}

static void
on_down(void *arg, const char *why)
{
	struct sse *sse = arg;
	struct reader *reader;

	(void)why;
	if (loop_timer_armed(sse->pause)) {
		loop_timer_stop(sse->pause);
		sse->following = false;
	}
	TAILQ_FOREACH(reader, &sse->readers, entry)
	reader->behind = true;
}

static void
on_ping(void *arg)
{
	struct sse *sse = arg;
	struct reader *reader, *next;

	if (TAILQ_EMPTY(&sse->readers))
		return;
	loop_timer_arm(sse->ping, PING_MS);
	for (reader = TAILQ_FIRST(&sse->readers); reader != NULL; reader = next) {
		next = TAILQ_NEXT(reader, entry);
		if (!reader->gone)
			httpd_stream_write(reader->http, ": ping\n\n", 8, sse->conf->sse_max_bytes);
	}
	look_at_end(sse);
}

struct sse *
sse_new(struct loop *loop, const struct conf *conf, struct redis_server *server, const char *prefix)
{
	struct sse *sse = mem_zero(sizeof(*sse));
	struct redis_hooks hooks = {on_up, on_down, sse};

	sse->loop = loop;
	sse->conf = conf;
	sse->key = mem_printf("%sevents", prefix);
	sse->follow = redis_new(loop, server, &hooks);
	sse->history = redis_new(loop, server, &hooks);
	sse->ping = loop_timer_new(loop, on_ping, sse);
	sse->pause = loop_timer_new(loop, on_pause_over, sse);
	TAILQ_INIT(&sse->readers);
	return sse;
}

void
sse_free(struct sse *sse)
{
	struct reader *reader;

	redis_free(sse->follow);
	redis_free(sse->history);
	while ((reader = TAILQ_FIRST(&sse->readers)) != NULL) {
		if (reader->http != NULL)
			httpd_on_gone(reader->http, NULL, NULL);
		reader_free(reader);
	}
	loop_timer_free(sse->ping);
	loop_timer_free(sse->pause);
	free(sse->key);
	free(sse);
}

void
sse_add(struct sse *sse, struct httpd_request *http, const char *since)
{
	struct reader *reader = mem_zero(sizeof(*reader));

	reader->sse = sse;
	reader->http = http;
	reader->behind = true;
	snprintf(reader->at, sizeof(reader->at), "%s", since != NULL ? since : "");
	httpd_on_gone(http, on_gone, reader);
	TAILQ_INSERT_TAIL(&sse->readers, reader, entry);
	httpd_stream_start(http, "text/event-stream");
	if (!sse->started) {
		sse->started = true;
		redis_start(sse->follow);
		redis_start(sse->history);
	}
	if (!loop_timer_armed(sse->ping))
		loop_timer_arm(sse->ping, PING_MS);
	look_at_end(sse);
}
