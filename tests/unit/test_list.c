/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long lists, made of a real Redis by real scripts; how and when its answers come is up to the pool
 * of this test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "mqsd/list.h"
#include "mqsd/loop.h"
#include "mqsd/pool.h"
#include "tests/unit/script_harness.h"

#define TURN_MS	    20 /* in which what can begin does */
#define JOBS_MAX    1000
#define COMMAND_MAX 40

/* What was asked of Redis and is not answered yet. */
struct job {
	char *script; /* NULL: a plain command */
	json_t *args;
	pool_reply_cb *reply;
	pool_read_cb *read;
	void *arg;
	char *argv[COMMAND_MAX];
	int argc;
};

struct pool {
	struct harness *h;
	struct job jobs[JOBS_MAX];
	size_t first, count;
	size_t scripts, commands; /* that were asked */
	bool away;
	int made_up; /* names that there are in place of Redis' */
};

struct got {
	bool done;
	json_t *rows; /* NULL: refused, or without Redis */
	char refused[32];
	struct list_rows *shared;
};

struct scene {
	struct harness *h;
	struct pool pool;
	struct loop *loop;
	struct loop_timer *stop;
	struct lists *lists;
};

/* --- the pool ----------------------------------------------------------------------------------
 */

static struct job *
add_job(struct pool *pool)
{
	struct job *job = &pool->jobs[(pool->first + pool->count++) % JOBS_MAX];

	assert_true(pool->count <= JOBS_MAX);
	*job = (struct job){0};
	return job;
}

void
pool_call(struct pool *pool, const char *script, json_t *args, pool_reply_cb *cb, void *arg)
{
	struct job *job;

	if (pool->away) {
		json_decref(args);
		cb(arg, NULL);
		return;
	}
	pool->scripts++;
	job = add_job(pool);
	job->script = mem_dup(script);
	job->args = args;
	job->reply = cb;
	job->arg = arg;
}

void
pool_read(struct pool *pool, pool_read_cb *cb, void *arg, int argc, const char **argv,
	  const size_t *argvlen)
{
	struct job *job;
	int i;

	if (pool->away) {
		cb(arg, NULL);
		return;
	}
	pool->commands++;
	job = add_job(pool);
	job->read = cb;
	job->arg = arg;
	job->argc = argc;
	assert_true(argc <= COMMAND_MAX);
	for (i = 0; i < argc; i++)
		job->argv[i] = mem_dup_len(argv[i], argvlen[i]);
}

const char *
pool_prefix(const struct pool *pool)
{
	(void)pool;
	return HARNESS_PREFIX;
}

const char *
pool_refusal(const json_t *reply)
{
	return reply == NULL ? "no_redis" : json_string_value(json_object_get(reply, "refused"));
}

static json_t *
made_up(int names)
{
	json_t *list = json_array();
	char name[16];

	while (names-- > 0) {
		snprintf(name, sizeof(name), "%d", names);
		json_array_append_new(list, json_string(name));
	}
	return json_pack("{s:b, s:o}", "ok", 1, "names", list);
}

static void
answer_script(struct pool *pool, struct job *job)
{
	json_t *reply = pool->away	    ? NULL
			: pool->made_up > 0 ? made_up(pool->made_up)
					    : run_json(pool->h, job->script, job->args);

	job->reply(job->arg, reply);
	json_decref(reply);
	json_decref(job->args);
	free(job->script);
}

static void
answer_command(struct pool *pool, struct job *job)
{
	size_t len[COMMAND_MAX];
	redisReply *reply = NULL;
	int i;

	for (i = 0; i < job->argc; i++)
		len[i] = strlen(job->argv[i]);
	if (!pool->away)
		reply = redis_argv(pool->h, job->argc, (const char **)job->argv, len);
	job->read(job->arg, reply);
	freeReplyObject(reply);
	for (i = 0; i < job->argc; i++)
		free(job->argv[i]);
}

/* Answers so many of the oldest. */
static void
answer(struct pool *pool, size_t jobs)
{
	struct job job;

	while (jobs-- > 0 && pool->count > 0) {
		job = pool->jobs[pool->first];
		pool->first = (pool->first + 1) % JOBS_MAX;
		pool->count--;
		if (job.script != NULL)
			answer_script(pool, &job);
		else
			answer_command(pool, &job);
	}
}

/* --- scenes ------------------------------------------------------------------------------------
 */

static void
on_stop(void *arg)
{
	loop_stop(arg);
}

static void
take_turn(struct scene *s)
{
	loop_timer_arm(s->stop, TURN_MS);
	loop_run(s->loop);
}

static void
everything(struct scene *s)
{
	take_turn(s);
	answer(&s->pool, SIZE_MAX);
}

static int
setup(void **state)
{
	struct scene *s = mem_zero(sizeof(*s));

	s->h = s->pool.h = harness_new();
	s->loop = loop_new();
	s->stop = loop_timer_new(s->loop, on_stop, s->loop);
	s->lists = lists_new(s->loop, &s->pool);
	scene_pool(s->h);
	scene_queue(s->h, "q");
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	s->pool.away = true;
	answer(&s->pool, SIZE_MAX);
	lists_free(s->lists);
	loop_timer_free(s->stop);
	loop_free(s->loop);
	harness_free(s->h);
	free(s);
	return 0;
}

static void
on_list(void *arg, struct list_rows *rows, const json_t *refusal)
{
	struct got *got = arg;
	char *text;

	assert_false(got->done);
	got->done = true;
	snprintf(got->refused, sizeof(got->refused), "%s",
		 rows == NULL ? pool_refusal(refusal) : "");
	if (rows == NULL)
		return;
	text = mem_printf("[%.*s]", (int)rows->len, rows->text != NULL ? rows->text : "");
	got->rows = json_loads(text, 0, NULL);
	assert_non_null(got->rows);
	free(text);
	got->shared = rows;
}

static void
done_with(struct got *got)
{
	json_decref(got->rows);
	if (got->shared != NULL)
		list_rows_free(got->shared);
	*got = (struct got){0};
}

static const struct list_order agents = {.view = &view_agent, .of = "agents", .wanted = VIEW_ALL};
static const struct list_order calls = {.view = &view_call, .of = "calls", .wanted = VIEW_ALL};

static size_t
count_of(struct scene *s, const struct list_order *order)
{
	struct got got = {0};
	size_t n;

	list_ask(s->lists, order, on_list, &got);
	everything(s);
	assert_true(got.done);
	n = json_array_size(got.rows);
	done_with(&got);
	return n;
}

static void
add_agents(struct scene *s, int from, int n)
{
	char name[16];

	for (; n > 0; n--) {
		snprintf(name, sizeof(name), "%d", from++);
		scene_agent(s->h, name, "q", true);
	}
}

static const char *
text_at(const struct got *got, size_t row, const char *key)
{
	return json_string_value(json_object_get(json_array_get(got->rows, row), key));
}

static json_int_t
number_at(const struct got *got, size_t row, const char *key)
{
	const json_t *value = json_object_get(json_array_get(got->rows, row), key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void
a_row_is_what_one_shows(void **state)
{
	struct scene *s = *state;
	struct got got = {0};
	const json_t *row, *one;
	const char *key;
	json_t *value;

	scene_agent(s->h, "1001", "q", false);
	run_ok(s->h, "member_pause", "{s:s, s:s, s:s}", "queue", "q", "agent", "1001", "reason",
	       "a \"b\" \\ c");
	scene_agent(s->h, "1002", "q", false);
	scene_call(s->h, "c1", "q", 2000);
	scene_call(s->h, "c2", "q", 1000);
	list_ask(s->lists, &agents, on_list, &got);
	everything(s);
	one = shown(s->h, &view_agent, "1001");
	row = json_array_get(got.rows, 0);
	assert_int_equal(json_object_size(row) + 1, json_object_size(one)); /* `why` */
	json_object_foreach((json_t *)one, key,
			    value) if (strcmp(key, "state_ms") != 0 && strcmp(key, "why") != 0)
		assert_true(json_equal(value, json_object_get(row, key)));
	done_with(&got);
	/* One rings, one waits. */
	list_ask(s->lists, &calls, on_list, &got);
	everything(s);
	assert_string_equal(text_at(&got, 0, "state"), "ringing");
	assert_string_equal(text_at(&got, 0, "agent"), "1002");
	one = shown(s->h, &view_call, text_at(&got, 1, "id"));
	row = json_array_get(got.rows, 1);
	assert_int_equal(json_object_size(row) + 1, json_object_size(one)); /* `why` */
	json_object_foreach((json_t *)one, key,
			    value) if (strcmp(key, "wait_ms") != 0 && strcmp(key, "why") != 0)
		assert_true(json_equal(value, json_object_get(row, key)));
	done_with(&got);
}

static void
calls_are_in_order_and_filtered(void **state)
{
	struct scene *s = *state;
	struct list_order order = calls;
	struct got got = {0};
	char name[16];
	size_t i;

	scene_queue(s->h, "r");
	for (i = 0; i < 140; i++) {
		snprintf(name, sizeof(name), "c%zu", i);
		scene_call(s->h, name, i % 7 < 5 ? "q" : "r", (int64_t)(1000 + i));
	}
	list_ask(s->lists, &calls, on_list, &got);
	everything(s);
	assert_int_equal(json_array_size(got.rows), 140);
	for (i = 1; i < 140; i++)
		assert_true(strcmp(text_at(&got, i - 1, "id"), text_at(&got, i, "id")) < 0);
	assert_int_equal(number_at(&got, 0, "position"), 1);
	done_with(&got);
	order.filter.queue = "q";
	assert_int_equal(count_of(s, &order), 100);
	order.filter.queue = "none";
	assert_int_equal(count_of(s, &order), 0);
	order.filter = (struct view_filter){.state = "waiting", .from = "55"};
	assert_int_equal(count_of(s, &order), 140);
	order.filter.from = "556";
	assert_int_equal(count_of(s, &order), 0);
	order.filter = (struct view_filter){.state = "talking"};
	assert_int_equal(count_of(s, &order), 0);
}

/* By score, in each queue of its own, those who are not listed counted. */
static void
positions_are_those_of_the_queues(void **state)
{
	struct scene *s = *state;
	struct list_order order = calls;
	struct got got = {0};
	char id[64];
	static const char *const channels[] = {"a", "b", "c", "d", "e", "f"};
	size_t i;

	scene_queue(s->h, "r");
	for (i = 0; i < 6; i++)
		run_ok(s->h, "call_enter", "{s:s, s:s, s:s, s:s, s:s, s:i}", "node", "a1", "token",
		       "t", "channel", channels[i], "queue", i < 4 ? "q" : "r", "number",
		       i == 1 ? "777" : "555", "priority", i == 3 ? 10 : 0);
	order.filter.queue = "q";
	list_ask(s->lists, &order, on_list, &got);
	everything(s);
	for (i = 0; i < 4; i++)
		assert_int_equal(number_at(&got, i, "position"),
				 zrank(s->h, "wait:q", text_at(&got, i, "id")) + 1);
	snprintf(id, sizeof(id), "%s", text_at(&got, 1, "id"));
	assert_int_equal(number_at(&got, 3, "position"), 1);
	done_with(&got);
	order.filter = (struct view_filter){.from = "777"};
	order.wanted = 0;
	assert_true(view_pick(&view_call, "position", &order.wanted, NULL));
	list_ask(s->lists, &order, on_list, &got);
	everything(s);
	assert_int_equal(json_array_size(got.rows), 1);
	assert_int_equal(json_object_size(json_array_get(got.rows, 0)), 1);
	assert_int_equal(number_at(&got, 0, "position"), zrank(s->h, "wait:q", id) + 1);
	done_with(&got);
}

static void
members_are_those_of_the_queue(void **state)
{
	struct scene *s = *state;
	struct list_order order = {
		.view = &view_member, .of = "members", .queue = "q", .wanted = VIEW_ALL};
	struct got got = {0};

	add_agents(s, 1000, 3);
	scene_agent(s->h, "2000", NULL, true);
	run_ok(s->h, "member_set", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 4);
	run_ok(s->h, "member_pause", "{s:s, s:s, s:s}", "queue", "q", "agent", "1002", "reason",
	       "two  words");
	list_ask(s->lists, &order, on_list, &got);
	everything(s);
	assert_int_equal(json_array_size(got.rows), 3);
	assert_string_equal(text_at(&got, 0, "agent"), "1000");
	assert_int_equal(number_at(&got, 1, "penalty"), 4);
	assert_string_equal(text_at(&got, 2, "paused_here"), "two  words");
	assert_null(json_object_get(json_array_get(got.rows, 0), "paused_here"));
	done_with(&got);
	order.queue = "none";
	list_ask(s->lists, &order, on_list, &got);
	everything(s);
	assert_string_equal(got.refused, "no_such_queue");
	done_with(&got);
}

static void
only_the_wanted_keys(void **state)
{
	struct scene *s = *state;
	struct list_order order = agents;
	struct got got = {0};
	struct err err;

	add_agents(s, 1000, 2);
	assert_true(view_pick(&view_agent, "state,name", &order.wanted, &err));
	list_ask(s->lists, &order, on_list, &got);
	everything(s);
	assert_int_equal(json_object_size(json_array_get(got.rows, 1)), 2);
	assert_string_equal(text_at(&got, 1, "name"), "1001");
	assert_string_equal(text_at(&got, 1, "state"), "logged_out");
	done_with(&got);
	assert_false(view_pick(&view_agent, "name,stat", &order.wanted, &err));
	assert_non_null(strstr(err.text, "did you mean 'state'?"));
}

static void
who_asks_at_once_shares(void **state)
{
	struct scene *s = *state;
	struct list_order other = calls;
	struct got got[4] = {0};
	size_t i;

	add_agents(s, 1000, 3);
	for (i = 0; i < 3; i++)
		list_ask(s->lists, &agents, on_list, &got[i]);
	other.filter.queue = "q";
	list_ask(s->lists, &other, on_list, &got[3]);
	everything(s);
	assert_int_equal(s->pool.scripts, 1);
	for (i = 0; i < 3; i++)
		assert_ptr_equal(got[i].shared, got[0].shared);
	assert_int_equal(json_array_size(got[2].rows), 3);
	assert_false(got[3].done);
	everything(s);
	assert_true(got[3].done);
	for (i = 0; i < 4; i++)
		done_with(&got[i]);
}

/* Who has changed something and asks then is not given what was read before. */
static void
an_edit_is_seen_at_once(void **state)
{
	struct scene *s = *state;
	struct got before = {0}, after = {0};

	add_agents(s, 1000, 200);
	list_ask(s->lists, &agents, on_list, &before);
	take_turn(s);
	answer(&s->pool, 10);
	add_agents(s, 2000, 1);
	list_ask(s->lists, &agents, on_list, &after);
	take_turn(s);
	answer(&s->pool, SIZE_MAX);
	assert_true(before.done);
	assert_int_equal(json_array_size(before.rows), 200);
	assert_false(after.done);
	everything(s);
	assert_int_equal(json_array_size(after.rows), 201);
	done_with(&before);
	done_with(&after);
}

static void
who_goes_does_no_harm(void **state)
{
	struct scene *s = *state;
	struct got got = {0}, gone = {0};
	struct list_waiter *waiter;
	size_t asked;

	add_agents(s, 1000, 400);
	/* Before it began: nothing is read. */
	list_leave(list_ask(s->lists, &agents, on_list, &gone));
	everything(s);
	assert_int_equal(s->pool.scripts, 0);
	/* Meanwhile: it ends there. */
	waiter = list_ask(s->lists, &agents, on_list, &gone);
	take_turn(s);
	answer(&s->pool, 11);
	asked = s->pool.commands;
	list_leave(waiter);
	answer(&s->pool, SIZE_MAX);
	assert_int_equal(s->pool.commands, asked);
	/* Another who waits for the same gets it all. */
	waiter = list_ask(s->lists, &agents, on_list, &gone);
	list_ask(s->lists, &agents, on_list, &got);
	take_turn(s);
	answer(&s->pool, 11);
	list_leave(waiter);
	answer(&s->pool, SIZE_MAX);
	assert_int_equal(json_array_size(got.rows), 400);
	assert_false(gone.done);
	done_with(&got);
}

/* An agent that is removed while the list is made is left out, and hides no other. */
static void
what_goes_is_left_out(void **state)
{
	struct scene *s = *state;
	struct got got = {0};

	add_agents(s, 1000, 300);
	list_ask(s->lists, &agents, on_list, &got);
	take_turn(s);
	answer(&s->pool, 1);
	run_ok(s->h, "agent_remove", "{s:s}", "agent", "1000");
	run_ok(s->h, "agent_remove", "{s:s}", "agent", "1200");
	answer(&s->pool, SIZE_MAX);
	assert_int_equal(json_array_size(got.rows), 298);
	assert_string_equal(text_at(&got, 0, "name"), "1001");
	done_with(&got);
}

static void
few_are_asked_for_at_a_time(void **state)
{
	struct scene *s = *state;
	struct got got = {0};
	size_t most = 0;

	add_agents(s, 1000, 400);
	list_ask(s->lists, &agents, on_list, &got);
	take_turn(s);
	while (s->pool.count > 0) {
		if (s->pool.count > most)
			most = s->pool.count;
		answer(&s->pool, 1);
	}
	assert_true(got.done);
	assert_in_range(most, 2, 256);
	done_with(&got);
}

/* 10,000 rows a second, with 30,000 saved up; an edit's list does not wait. */
static void
many_lists_wait(void **state)
{
	struct scene *s = *state;
	struct list_order edit = agents;
	struct got got = {0};
	struct list_waiter *waiter;
	int64_t began = clock_mono_ms();

	s->pool.made_up = 50000;
	list_ask(s->lists, &agents, on_list, &got);
	everything(s);
	assert_true(got.done);
	done_with(&got);
	/* For two seconds; on a machine so busy that they are over there is nothing to see. */
	waiter = list_ask(s->lists, &agents, on_list, &got);
	everything(s);
	assert_true(!got.done || clock_mono_ms() - began >= 2000);
	if (got.done)
		done_with(&got);
	else
		list_leave(waiter);
	edit.at_once = true;
	list_ask(s->lists, &edit, on_list, &got);
	everything(s);
	assert_true(got.done);
	done_with(&got);
}

static void
who_waits_comes_to_his_turn(void **state)
{
	struct scene *s = *state;
	struct got got = {0};
	int lists;

	s->pool.made_up = 30001;
	for (lists = 0; lists < 2; lists++) {
		list_ask(s->lists, &agents, on_list, &got);
		while (!got.done)
			everything(s);
		done_with(&got);
		s->pool.made_up = 1;
	}
}

static void
without_redis(void **state)
{
	struct scene *s = *state;
	struct got got = {0}, other = {0};

	add_agents(s, 1000, 200);
	s->pool.away = true;
	list_ask(s->lists, &agents, on_list, &got);
	everything(s);
	assert_string_equal(got.refused, "no_redis");
	done_with(&got);
	s->pool.away = false;
	list_ask(s->lists, &agents, on_list, &got);
	list_ask(s->lists, &calls, on_list, &other);
	take_turn(s);
	answer(&s->pool, 50);
	s->pool.away = true;
	answer(&s->pool, SIZE_MAX);
	assert_string_equal(got.refused, "no_redis");
	everything(s);
	assert_string_equal(other.refused, "no_redis");
	done_with(&got);
	done_with(&other);
}

static void
foreign_data_is_told(void **state)
{
	struct scene *s = *state;
	struct got got = {0};

	add_agents(s, 1000, 3);
	redis_do(s->h, "DEL %sagent:1001", HARNESS_PREFIX);
	redis_do(s->h, "RPUSH %sagent:1001 x", HARNESS_PREFIX);
	list_ask(s->lists, &agents, on_list, &got);
	everything(s);
	assert_string_equal(got.refused, "wrong_type");
	done_with(&got);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_row_is_what_one_shows),
		TEST(calls_are_in_order_and_filtered),
		TEST(positions_are_those_of_the_queues),
		TEST(members_are_those_of_the_queue),
		TEST(only_the_wanted_keys),
		TEST(who_asks_at_once_shares),
		TEST(an_edit_is_seen_at_once),
		TEST(who_goes_does_no_harm),
		TEST(what_goes_is_left_out),
		TEST(few_are_asked_for_at_a_time),
		TEST(many_lists_wait),
		TEST(who_waits_comes_to_his_turn),
		TEST(without_redis),
		TEST(foreign_data_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
