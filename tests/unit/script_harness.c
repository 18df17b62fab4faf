/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/script_harness.h"

#include <hiredis/hiredis.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/event.h"
#include "lib/mem.h"
#include "mqsd/script.h"
#include "mqsd/view.h"

#define START_MS 10000

struct harness {
	char dir[64], socket[96];
	pid_t server;
	redisContext *redis;
	json_t *last;
	redisReply *kept; /* what hget returned */
	char number[32];
	char *broken; /* the key that key_break broke, and what it held */
	redisReply *broken_dump;
};

static pid_t
start_server(const struct harness *h)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* The server must not outlive a test that crashed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", h->socket, "--save",
	       "", "--appendonly", "no", "--dir", h->dir, "--logfile", "redis.log", (char *)NULL);
	_exit(127);
}

static redisContext *
connect_to(const struct harness *h)
{
	struct timespec pause = {0, 10 * 1000 * 1000};
	int64_t give_up = clock_mono_ms() + START_MS;
	redisContext *c;

	for (;;) {
		c = redisConnectUnix(h->socket);
		if (c != NULL && c->err == 0)
			return c;
		redisFree(c);
		if (clock_mono_ms() > give_up)
			return NULL;
		nanosleep(&pause, NULL);
	}
}

struct harness *
harness_new(void)
{
	struct harness *h = mem_zero(sizeof(*h));

	snprintf(h->dir, sizeof(h->dir), "/tmp/mqs-script.XXXXXX");
	if (mkdtemp(h->dir) == NULL)
		fail_msg("no directory %s", h->dir);
	snprintf(h->socket, sizeof(h->socket), "%s/s", h->dir);
	h->server = start_server(h);
	h->redis = connect_to(h);
	if (h->redis == NULL)
		fail_msg("redis-server did not answer on %s", h->socket);
	redis_do(h, "FUNCTION LOAD %s", script_library);
	return h;
}

void
harness_free(struct harness *h)
{
	char log[96];

	redisFree(h->redis);
	kill(h->server, SIGTERM);
	waitpid(h->server, NULL, 0);
	unlink(h->socket);
	snprintf(log, sizeof(log), "%s/redis.log", h->dir);
	unlink(log);
	rmdir(h->dir);
	json_decref(h->last);
	freeReplyObject(h->kept);
	free(h->broken);
	freeReplyObject(h->broken_dump);
	free(h);
}

int
harness_setup(void **state)
{
	*state = harness_new();
	return 0;
}

int
harness_teardown(void **state)
{
	harness_free(*state);
	return 0;
}

static redisReply *
checked(struct harness *h, void *r)
{
	redisReply *reply = r;

	if (reply == NULL)
		fail_msg("redis: %s", h->redis->errstr);
	if (reply->type == REDIS_REPLY_ERROR)
		fail_msg("redis: %s", reply->str);
	return reply;
}

void
harness_clear(struct harness *h)
{
	freeReplyObject(checked(h, redisCommand(h->redis, "FLUSHALL")));
}

/* What consumers rely on: a row for the event, a place in it for each field. */
static void
check_event(const char *script, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event")), *key;
	const struct event_row *row = name != NULL ? event_find(name) : NULL;
	json_t *value;

	if (row == NULL)
		fail_msg("%s: event '%s' has no row in lib/event.c", script, name ? name : "");
	assert_true(json_is_number(json_object_get(event, "at")));
	json_object_foreach((json_t *)event, key, value)
	{
		if (strcmp(key, "event") == 0 || strcmp(key, "at") == 0 || strcmp(key, "id") == 0)
			continue;
		if (event_field_find(row, key) == NULL)
			fail_msg("%s: event %s has no field '%s' in lib/event.c", script, name,
				 key);
		if (!json_is_string(value) && !json_is_number(value))
			fail_msg("%s: field %s of %s is neither text nor number", script, key,
				 name);
	}
}

json_t *
run_json(struct harness *h, const char *script, const json_t *args)
{
	const struct script *row = script_find(script);
	json_t *all = json_deep_copy(args), *reply, *event;
	redisReply *r;
	char *text;
	size_t i;

	if (json_object_get(all, "inc") == NULL)
		json_object_set_new(all, "inc", json_string(HARNESS_INC));
	if (json_object_get(all, "instance") == NULL)
		json_object_set_new(all, "instance", json_string(HARNESS_INSTANCE));
	text = json_dumps(all, JSON_COMPACT);
	r = checked(
		h, redisCommand(h->redis, "FCALL %s 1 %s %s", row->function, HARNESS_PREFIX, text));
	reply = r->type == REDIS_REPLY_STRING ? json_loads(r->str, 0, NULL) : NULL;
	if (!json_is_object(reply))
		fail_msg("%s: the reply is no JSON object", script);
	if (strcmp(text_of(h, reply, "refused"), "script_error") == 0)
		fail_msg("%s %s: %s", script, text, text_of(h, reply, "text"));
	json_array_foreach(json_object_get(reply, "events"), i, event) check_event(script, event);
	free(text);
	json_decref(all);
	freeReplyObject(r);
	return reply;
}

static json_t *
run_packed(struct harness *h, const char *script, const char *fmt, va_list ap)
{
	json_error_t error;
	json_t *args = json_vpack_ex(&error, 0, fmt, ap), *reply;

	if (args == NULL)
		fail_msg("%s: arguments: %s", script, error.text);
	reply = run_json(h, script, args);
	json_decref(args);
	return reply;
}

json_t *
run(struct harness *h, const char *script, const char *fmt, ...)
{
	json_t *reply;
	va_list ap;

	va_start(ap, fmt);
	reply = run_packed(h, script, fmt, ap);
	va_end(ap);
	return reply;
}

void
run_ok(struct harness *h, const char *script, const char *fmt, ...)
{
	json_t *reply;
	va_list ap;

	va_start(ap, fmt);
	reply = run_packed(h, script, fmt, ap);
	va_end(ap);
	if (!json_is_true(json_object_get(reply, "ok")))
		fail_msg("%s refused: %s: %s", script, text_of(h, reply, "refused"),
			 json_string_value(json_object_get(reply, "text")));
	json_decref(h->last);
	h->last = reply;
}

void
run_refused(struct harness *h, const char *code, const char *script, const char *fmt, ...)
{
	char *before = snapshot(h), *after;
	json_t *reply;
	va_list ap;

	va_start(ap, fmt);
	reply = run_packed(h, script, fmt, ap);
	va_end(ap);
	assert_string_equal(text_of(h, reply, "refused"), code);
	/* A refusal has a sentence, and leaves everything as it was. */
	assert_true(strlen(text_of(h, reply, "text")) > 10);
	after = snapshot(h);
	assert_string_equal(before, after);
	free(before);
	free(after);
	json_decref(reply);
}

const json_t *
last(const struct harness *h)
{
	return h->last;
}

size_t
last_events(const struct harness *h)
{
	return json_array_size(json_object_get(h->last, "events"));
}

const json_t *
last_event(const struct harness *h, const char *name)
{
	json_t *event;
	size_t i;

	json_array_foreach(json_object_get(h->last, "events"), i, event)
	{
		if (strcmp(json_string_value(json_object_get(event, "event")), name) == 0)
			return event;
	}
	return NULL;
}

const char *
text_of(struct harness *h, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		return json_string_value(value);
	if (!json_is_number(value))
		return json_is_true(value) ? "true" : "";
	snprintf(h->number, sizeof(h->number), "%.0f", json_number_value(value));
	return h->number;
}

void
redis_do(struct harness *h, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	freeReplyObject(checked(h, redisvCommand(h->redis, fmt, ap)));
	va_end(ap);
}

const char *
redis_text(struct harness *h, const char *fmt, ...)
{
	va_list ap;

	freeReplyObject(h->kept);
	va_start(ap, fmt);
	h->kept = checked(h, redisvCommand(h->redis, fmt, ap));
	va_end(ap);
	assert_int_equal(h->kept->type, REDIS_REPLY_STRING);
	return h->kept->str;
}

const char *
hget(struct harness *h, const char *key, const char *field)
{
	freeReplyObject(h->kept);
	h->kept = checked(h, redisCommand(h->redis, "HGET %s%s %s", HARNESS_PREFIX, key, field));
	return h->kept->type == REDIS_REPLY_STRING ? h->kept->str : "";
}

int64_t
zrank(struct harness *h, const char *key, const char *member)
{
	redisReply *reply =
		checked(h, redisCommand(h->redis, "ZRANK %s%s %s", HARNESS_PREFIX, key, member));
	int64_t rank = reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;

	freeReplyObject(reply);
	return rank;
}

bool
key_exists(struct harness *h, const char *key)
{
	redisReply *reply = checked(h, redisCommand(h->redis, "EXISTS %s%s", HARNESS_PREFIX, key));
	bool exists = reply->integer == 1;

	freeReplyObject(reply);
	return exists;
}

char *
snapshot(struct harness *h)
{
	static const char script[] =
		"local keys, out = redis.call('KEYS', '*'), {} "
		"table.sort(keys) "
		"for i, key in ipairs(keys) do "
		"out[i] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key)) "
		"end "
		"return table.concat(out, '\\n')";
	redisReply *reply = checked(h, redisCommand(h->redis, "EVAL %s 0", script));
	char *text;

	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	text = mem_dup(reply->str);
	freeReplyObject(reply);
	return text;
}

void
key_break(struct harness *h, const char *key)
{
	assert_null(h->broken);
	h->broken = mem_dup(key);
	h->broken_dump = checked(h, redisCommand(h->redis, "DUMP %s", key));
	redis_do(h, "DEL %s", key);
	redis_do(h, "RPUSH %s foreign", key);
}

void
key_mend(struct harness *h)
{
	redis_do(h, "DEL %s", h->broken);
	if (h->broken_dump->type == REDIS_REPLY_STRING)
		redis_do(h, "RESTORE %s 0 %b", h->broken, h->broken_dump->str,
			 (size_t)h->broken_dump->len);
	free(h->broken);
	freeReplyObject(h->broken_dump);
	h->broken = NULL;
	h->broken_dump = NULL;
}

/* MONITOR's line of a command run by a script: `TIME [0 lua] "HGETALL" "key"`. */
static void
note_key(json_t *keys, const char *line)
{
	const char *key = strstr(line, "\"" HARNESS_PREFIX), *end;
	char *name;

	/* The bell is a channel, no key. */
	if (strstr(line, " lua] ") == NULL || strstr(line, "\"PUBLISH\"") != NULL || key == NULL)
		return;
	end = strchr(key + 1, '"');
	name = mem_dup_len(key + 1, (size_t)(end - key - 1));
	json_object_set_new(keys, name, json_true());
	free(name);
}

json_t *
keys_touched(struct harness *h, const char *script, const json_t *args)
{
	json_t *keys = json_object(), *reply;
	redisContext *monitor = connect_to(h);
	redisReply *line;
	bool end = false;

	freeReplyObject(redisCommand(monitor, "MONITOR"));
	reply = run_json(h, script, args);
	if (!json_is_true(json_object_get(reply, "ok")))
		fail_msg("%s refused: %s: %s", script, text_of(h, reply, "refused"),
			 json_string_value(json_object_get(reply, "text")));
	json_decref(reply);
	redis_do(h, "ECHO the-end-of-the-script");
	while (!end) {
		if (redisGetReply(monitor, (void **)&line) != REDIS_OK)
			fail_msg("MONITOR: %s", monitor->errstr);
		note_key(keys, line->str);
		end = strstr(line->str, "the-end-of-the-script") != NULL;
		freeReplyObject(line);
	}
	redisFree(monitor);
	return keys;
}

const json_t *
shown(struct harness *h, const struct view *view, const char *name)
{
	json_t *args = view_one_args(view, name), *reply = run_json(h, view_one_script(view), args);

	if (!json_is_true(json_object_get(reply, "ok")))
		fail_msg("%s refused: %s", view_one_script(view), text_of(h, reply, "text"));
	json_decref(h->last);
	h->last = view_one(view, reply);
	json_decref(reply);
	json_decref(args);
	return h->last;
}

struct redisReply *
redis_argv(struct harness *h, int argc, const char **argv, const size_t *argvlen)
{
	redisReply *reply = redisCommandArgv(h->redis, argc, argv, argvlen);

	if (reply == NULL)
		fail_msg("redis: %s", h->redis->errstr);
	return reply;
}

void
advance(struct harness *h, int64_t ms)
{
	json_t *reply = run(h, "nodes_read", "{}");
	double now = json_number_value(json_object_get(reply, "now"));

	json_decref(reply);
	redis_do(h, "HSET %smeta now %.0f", HARNESS_PREFIX, now + (double)ms);
}

void
scene_pool(struct harness *h)
{
	static const char *const nodes[] = {"a1", "a2"};
	size_t i;

	harness_clear(h);
	run_ok(h, "pool_open", "{s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}]}", "instance", "i1",
	       "version", "1", "nodes", "name", "a1", "url", "http://a1", "name", "a2", "url",
	       "http://a2");
	for (i = 0; i < 2; i++) {
		run_ok(h, "node_own", "{s:s, s:s, s:s}", "node", nodes[i], "token", "t", "instance",
		       "i1");
		run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", nodes[i], "token", "t",
		       "state", "up", "reason", "test");
	}
	assert_string_equal(hget(h, "meta", "state"), "ready");
}

void
scene_queue(struct harness *h, const char *queue)
{
	run_ok(h, "queue_create", "{s:s, s:{s:s, s:s, s:s}}", "queue", queue, "options", "strategy",
	       "longest-idle", "timeout", "15", "wrapuptime", "0");
}

void
scene_agent(struct harness *h, const char *agent, const char *queue, bool out)
{
	run_ok(h, "agent_add", "{s:s, s:s, s:s, s:s}", "agent", agent, "address", "sip:x@y",
	       "login", "manual", "wrapuptime", "0");
	if (!out)
		run_ok(h, "agent_login", "{s:s}", "agent", agent);
	if (queue != NULL)
		run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", queue, "agent", agent,
		       "penalty", 0);
}

void
scene_heard(struct harness *h, const char *ev, const char *agent)
{
	redis_do(h, "XADD %sreg * ev %s aor %s", HARNESS_PREFIX, ev, agent);
	run_ok(h, "registrations", "{}");
}

const char *
scene_call(struct harness *h, const char *channel, const char *queue, int64_t ago)
{
	json_t *reply = run(h, "nodes_read", "{}");
	int64_t now = (int64_t)json_number_value(json_object_get(reply, "now"));

	json_decref(reply);
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "node", "a1", "token", "t",
	       "channel", channel, "queue", queue, "entered", (json_int_t)(now - ago), "number",
	       "555", "sip", "sip-call-id");
	return text_of(h, json_object_get(h->last, "call"), "id");
}
