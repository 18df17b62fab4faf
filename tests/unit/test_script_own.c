/* SPDX-License-Identifier: BSD-2-Clause */
/* Several instances in one pool: what the scripts of one leave to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "tests/unit/script_harness.h"

static size_t
todo(struct harness *h, const char *done_call, const char *done_v)
{
	json_t *done = json_object();

	if (done_call != NULL)
		json_object_set_new(done, done_call, json_string(done_v));
	run_ok(h, "node_todo", "{s:s, s:s, s:o}", "node", "a1", "token", "t", "done", done);
	return json_array_size(json_object_get(last(h), "calls"));
}

static const json_t *
todo_call(struct harness *h, size_t i)
{
	return json_array_get(json_object_get(last(h), "calls"), i);
}

/* The scene: a call waits on a1, which i1 owns, and the only agent is paused. */
static char *
one_waits(struct harness *h)
{
	char *id;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	run_ok(h, "agent_pause", "{s:s}", "agent", "1001");
	id = mem_dup(scene_call(h, "c1", "q", 1000));
	assert_false(key_exists(h, "todo:a1"));
	return id;
}

static void
own_claim_is_not_told(void **state)
{
	struct harness *h = *state;

	free(one_waits(h));
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	assert_int_equal(json_array_size(json_object_get(last(h), "claims")), 1);
	assert_false(key_exists(h, "todo:a1"));
}

static void
claim_of_another_is_told(void **state)
{
	struct harness *h = *state;
	char *id = one_waits(h), v[16];

	run_ok(h, "agent_unpause", "{s:s, s:s}", "agent", "1001", "instance", "i2");
	assert_int_equal(json_array_size(json_object_get(last(h), "claims")), 1);
	assert_int_equal(todo(h, NULL, NULL), 1);
	assert_string_equal(text_of(h, todo_call(h, 0), "id"), id);
	assert_string_equal(text_of(h, todo_call(h, 0), "state"), "ringing");
	snprintf(v, sizeof(v), "%s", text_of(h, todo_call(h, 0), "v"));
	/* Until it is crossed out: a lost reply loses nothing. */
	assert_int_equal(todo(h, NULL, NULL), 1);
	assert_int_equal(todo(h, id, "1"), 1);
	assert_int_equal(todo(h, id, v), 0);
	assert_false(key_exists(h, "todo:a1"));
	free(id);
}

static void
end_by_another_is_told(void **state)
{
	struct harness *h = *state;
	char *id = one_waits(h), v[16];

	run_ok(h, "agent_unpause", "{s:s, s:s}", "agent", "1001", "instance", "i2");
	assert_int_equal(todo(h, NULL, NULL), 1);
	snprintf(v, sizeof(v), "%s", text_of(h, todo_call(h, 0), "v"));
	run_ok(h, "call_end", "{s:s, s:s, s:s}", "call", id, "reason", "operator", "instance",
	       "i2");
	/* It has changed since it was seen, so it stays. */
	assert_int_equal(todo(h, id, v), 1);
	assert_string_equal(text_of(h, todo_call(h, 0), "state"), "ended");
	/* The owner's own changes are its own. */
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", "c1", "reason", "hangup");
	assert_int_equal(todo(h, NULL, NULL), 1);
	free(id);
}

/* A call that is gone altogether is nothing to be done any more. */
static void
forgotten_is_not_told(void **state)
{
	struct harness *h = *state;
	char *id = one_waits(h);

	run_ok(h, "call_end", "{s:s, s:s, s:s}", "call", id, "reason", "operator", "instance",
	       "i2");
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", "c1", "reason", "hangup");
	assert_true(key_exists(h, "todo:a1"));
	assert_int_equal(todo(h, NULL, NULL), 0);
	assert_false(key_exists(h, "todo:a1"));
	free(id);
}

/* More than one script may look at: each page that is crossed out makes room for the next. */
static void
told_in_pages(void **state)
{
	struct harness *h = *state;
	unsigned seen = 0, rounds = 0, i;
	char name[16];
	json_t *done, *call;
	size_t k;
	bool again;

	scene_pool(h);
	scene_queue(h, "q");
	for (i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		scene_call(h, name, "q", 1000);
	}
	for (i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "%u", i + 1000);
		run_ok(h, "agent_add", "{s:s, s:s}", "agent", name, "address", "sip:x@y");
		run_ok(h, "member_add", "{s:s, s:s}", "queue", "q", "agent", name);
		run_ok(h, "agent_login", "{s:s, s:s}", "agent", name, "instance", "i2");
	}
	done = json_object();
	do {
		run_ok(h, "node_todo", "{s:s, s:s, s:o}", "node", "a1", "token", "t", "done", done);
		again = json_is_true(json_object_get(last(h), "again"));
		done = json_object();
		json_array_foreach(json_object_get(last(h), "calls"), k, call)
			json_object_set(done, text_of(h, call, "id"), json_object_get(call, "v"));
		assert_true(json_object_size(done) <= 32);
		assert_true(!again || json_object_size(done) == 32);
		seen += (unsigned)json_object_size(done);
		assert_true(++rounds < 10);
	} while (again || json_object_size(done) > 0);
	json_decref(done);
	assert_int_equal(seen, 70);
	assert_false(key_exists(h, "todo:a1"));
}

static void
todo_is_the_owners(void **state)
{
	struct harness *h = *state;

	free(one_waits(h));
	run_refused(h, "not_owner", "node_todo", "{s:s, s:s}", "node", "a1", "token", "old");
}

/* The same, whoever owns it: the one that claimed is told like any other when it owns nothing. */
static void
ownerless_node_keeps_it(void **state)
{
	struct harness *h = *state;
	char *id = one_waits(h);

	run_ok(h, "node_own", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "u", "instance", "i3",
	       "reason", "expired");
	assert_string_equal(text_of(h, last_event(h, "node_owner"), "old"), "i1");
	assert_string_equal(text_of(h, last_event(h, "node_owner"), "instance"), "i3");
	run_ok(h, "agent_unpause", "{s:s, s:s}", "agent", "1001", "instance", "i1");
	run_ok(h, "node_todo", "{s:s, s:s}", "node", "a1", "token", "u");
	assert_int_equal(json_array_size(json_object_get(last(h), "calls")), 1);
	free(id);
}

/* One that stops claims nothing, and whoever runs what is due claims in its place. */
static void
draining_leaves_the_match(void **state)
{
	struct harness *h = *state;

	free(one_waits(h));
	run_ok(h, "agent_unpause", "{s:s, s:s, s:b}", "agent", "1001", "instance", "i2", "drain",
	       1);
	assert_null(last_event(h, "offer_made"));
	run_ok(h, "agent_login", "{s:s, s:b}", "agent", "1001", "drain", 1);
	run_ok(h, "due_run", "{}");
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "agent"), "1001");
	assert_null(json_object_get(last(h), "due"));
	/* A queue that has gone meanwhile is none. */
	redis_do(h, "ZADD %sdue 1 queue:none", HARNESS_PREFIX);
	run_ok(h, "due_run", "{}");
	assert_false(key_exists(h, "due"));
}

/* Nor is a younger caller offered before the one whose match was left. */
static void
left_match_comes_first(void **state)
{
	struct harness *h = *state;
	char *older = one_waits(h);

	scene_queue(h, "q2");
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "q2", "agent", "1001", "penalty", 0);
	run_ok(h, "agent_unpause", "{s:s, s:s, s:b}", "agent", "1001", "instance", "i2", "drain",
	       1);
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel", "c2",
	       "queue", "q2");
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "call"), older);
	assert_false(key_exists(h, "due"));
	free(older);
}

/* Whoever ended the recovery, everybody hears of it with the next reply. */
static void
every_reply_says_the_state(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	run_ok(h, "nodes_read", "{}");
	assert_string_equal(text_of(h, last(h), "state"), "ready");
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[]}", "inc", "run2", "instance", "i2", "version",
	       "1", "nodes");
	run_ok(h, "nodes_read", "{s:s}", "inc", "run2");
	assert_string_equal(text_of(h, last(h), "state"), "recovering");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_claim_is_not_told),
		cmocka_unit_test(claim_of_another_is_told),
		cmocka_unit_test(end_by_another_is_told),
		cmocka_unit_test(forgotten_is_not_told),
		cmocka_unit_test(told_in_pages),
		cmocka_unit_test(todo_is_the_owners),
		cmocka_unit_test(ownerless_node_keeps_it),
		cmocka_unit_test(draining_leaves_the_match),
		cmocka_unit_test(left_match_comes_first),
		cmocka_unit_test(every_reply_says_the_state),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
