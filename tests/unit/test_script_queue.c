/* SPDX-License-Identifier: BSD-2-Clause */
/* The scripts that edit and read queues and memberships, and the totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mqsd/view.h"
#include "tests/unit/script_harness.h"

static const json_t *
queue(struct harness *h, const char *name)
{
	run_ok(h, "queues_read", "{s:s}", "queue", name);
	return json_object_get(last(h), "queue");
}

static void
queue_is(struct harness *h, const char *name, const char *key, const char *value)
{
	assert_string_equal(text_of(h, queue(h, name), key), value);
}

static void
create_set_delete(void **state)
{
	struct harness *h = *state;
	char v[32];

	scene_pool(h);
	scene_queue(h, "q");
	assert_string_equal(text_of(h, last_event(h, "queue_created"), "queue"), "q");
	queue_is(h, "q", "strategy", "longest-idle");
	queue_is(h, "q", "timeout", "15");
	assert_true(json_is_integer(json_object_get(queue(h, "q"), "timeout")));
	run_refused(h, "queue_exists", "queue_create", "{s:s, s:{}}", "queue", "q", "options");
	snprintf(v, sizeof(v), "%s", text_of(h, queue(h, "q"), "v"));
	run_ok(h, "queue_set", "{s:s, s:{s:s, s:s}, s:s}", "queue", "q", "options", "timeout", "20",
	       "strategy", "longest-idle", "v", v);
	assert_int_equal(last_events(h), 1);
	assert_string_equal(text_of(h, last_event(h, "queue_changed"), "was"), "15");
	assert_string_equal(text_of(h, last_event(h, "queue_changed"), "value"), "20");
	assert_string_equal(text_of(h, json_object_get(last(h), "was"), "timeout"), "15");
	assert_int_equal(json_object_size(json_object_get(last(h), "was")), 1);
	queue_is(h, "q", "timeout", "20");
	run_refused(h, "stale", "queue_set", "{s:s, s:{s:s}, s:s}", "queue", "q", "options",
		    "timeout", "5", "v", v);
	run_ok(h, "queue_delete", "{s:s}", "queue", "q");
	assert_non_null(last_event(h, "queue_deleted"));
	assert_string_equal(text_of(h,
				    json_object_get(json_object_get(last(h), "queue"), "options"),
				    "timeout"),
			    "20");
	assert_false(key_exists(h, "queue:q"));
	assert_false(key_exists(h, "queues"));
	run_refused(h, "no_such_queue", "queue_delete", "{s:s}", "queue", "q");
	run_refused(h, "no_such_queue", "queue_set", "{s:s, s:{}}", "queue", "q", "options");
	run_refused(h, "no_such_queue", "queues_read", "{s:s}", "queue", "q");
	run_refused(h, "no_such_queue", "names_read", "{s:s, s:s}", "of", "members", "queue", "q");
}

static void
a_closed_queue_takes_no_newcomer(void **state)
{
	struct harness *h = *state;
	char id[64];

	scene_pool(h);
	scene_queue(h, "q");
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 1000));
	assert_true(json_is_false(json_object_get(queue(h, "q"), "closed")));
	run_ok(h, "queue_set", "{s:s, s:{s:s}}", "queue", "q", "options", "closed", "yes");
	assert_string_equal(text_of(h, last_event(h, "queue_changed"), "option"), "closed");
	assert_true(json_is_true(json_object_get(queue(h, "q"), "closed")));
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel",
	       "c2", "queue", "q", "number", "0301");
	assert_string_equal(text_of(h, last(h), "sent_on"), "closed");
	assert_string_equal(text_of(h, last_event(h, "call_refused"), "reason"), "closed");
	assert_string_equal(text_of(h, last_event(h, "call_refused"), "number"), "0301");
	assert_null(json_object_get(last(h), "call"));
	/* Who waited is the same call still, is served, and comes back if Redis forgets it. */
	assert_string_equal(scene_call(h, "c1", "q", 1000), id);
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel",
	       "c3", "queue", "q", "call", "1600000000000000-0000007");
	assert_non_null(last_event(h, "call_entered"));
	scene_agent(h, "1001", "q", true);
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "call"), id);
	run_ok(h, "queue_set", "{s:s, s:{s:s}}", "queue", "q", "options", "closed", "no");
	assert_string_equal(text_of(h, json_object_get(last(h), "was"), "closed"), "yes");
	scene_call(h, "c4", "q", 0);
	assert_non_null(last_event(h, "call_entered"));
}

static void
a_queue_with_calls_stays(void **state)
{
	struct harness *h = *state;
	char id[64];

	scene_pool(h);
	scene_queue(h, "q");
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 0));
	run_refused(h, "queue_busy", "queue_delete", "{s:s}", "queue", "q");
	run_ok(h, "call_end", "{s:s, s:s}", "call", id, "reason", "operator");
	run_ok(h, "queue_delete", "{s:s}", "queue", "q");
}

static void
delete_in_pages(void **state)
{
	struct harness *h = *state;
	char name[16];
	size_t i, runs = 0, removed = 0, told = 0;

	scene_pool(h);
	scene_queue(h, "q");
	scene_queue(h, "other");
	for (i = 0; i < 130; i++) {
		snprintf(name, sizeof(name), "%zu", 1000 + i);
		scene_agent(h, name, "q", i % 2 == 0);
	}
	run_ok(h, "member_add", "{s:s, s:s}", "queue", "other", "agent", "1000");
	queue_is(h, "q", "members", "130");
	queue_is(h, "q", "logged_in", "65");
	do {
		run_ok(h, "queue_delete", "{s:s}", "queue", "q");
		assert_true(last_events(h) <= 65);
		removed += last_events(h);
		told += json_array_size(json_object_get(last(h), "members"));
		runs++;
		/* Between two runs it is a queue like any other. */
		if (json_object_get(last(h), "again") != NULL)
			queue_is(h, "q", "members", runs == 1 ? "66" : "2");
	} while (key_exists(h, "queue:q"));
	assert_int_equal(runs, 3);
	assert_int_equal(removed, 131); /* and the queue itself */
	assert_int_equal(told, 130);	/* each member is told once, for the undo */
	assert_false(key_exists(h, "members:q"));
	assert_false(key_exists(h, "idle:q"));
	assert_false(key_exists(h, "memberof:1001"));
	assert_string_equal(hget(h, "memberof:1000", "other"), "0");
	assert_string_equal(hget(h, "count", "q:q:logged_in"), "");
}

static void
members(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", NULL, false);
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 3);
	assert_null(json_object_get(last(h), "before"));
	assert_string_equal(text_of(h, last_event(h, "member_added"), "penalty"), "3");
	assert_int_equal(zrank(h, "idle:q", "1001"), 0);
	queue_is(h, "q", "members", "1");
	queue_is(h, "q", "idle", "1");
	queue_is(h, "q", "logged_in", "1");
	/* Again changes nothing; another penalty is an event. */
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 3);
	assert_int_equal(last_events(h), 0);
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 1);
	assert_int_equal(last_events(h), 1);
	assert_string_equal(text_of(h, last(h), "before"), "3");
	run_ok(h, "names_read", "{s:s, s:s}", "of", "members", "queue", "q");
	assert_string_equal(json_string_value(json_array_get(json_object_get(last(h), "names"), 0)),
			    "1001");
	assert_string_equal(hget(h, "memberof:1001", "q"), "1");
	queue_is(h, "q", "logged_in", "1");
	run_ok(h, "member_remove", "{s:s, s:s}", "queue", "q", "agent", "1001");
	assert_non_null(last_event(h, "member_removed"));
	assert_string_equal(text_of(h, last(h), "before"), "1");
	queue_is(h, "q", "members", "0");
	queue_is(h, "q", "idle", "0");
	queue_is(h, "q", "logged_in", "0");
	run_refused(h, "no_such_member", "member_remove", "{s:s, s:s}", "queue", "q", "agent",
		    "1001");
	run_refused(h, "no_such_agent", "member_remove", "{s:s, s:s}", "queue", "q", "agent", "x");
	run_refused(h, "no_such_queue", "member_remove", "{s:s, s:s}", "queue", "x", "agent",
		    "1001");
	run_refused(h, "no_such_agent", "member_add", "{s:s, s:s}", "queue", "q", "agent", "x");
	run_refused(h, "no_such_queue", "member_add", "{s:s, s:s}", "queue", "x", "agent", "1001");
}

static void
members_are_set(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	scene_queue(h, "p");
	scene_agent(h, "1001", "q", false);
	run_ok(h, "member_set", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 4);
	assert_string_equal(text_of(h, last(h), "before"), "0");
	assert_string_equal(text_of(h, last_event(h, "member_added"), "penalty"), "4");
	run_ok(h, "member_set", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 4);
	assert_int_equal(last_events(h), 0);
	run_refused(h, "no_such_member", "member_set", "{s:s, s:s, s:i}", "queue", "p", "agent",
		    "1001", "penalty", 4);
	run_refused(h, "no_such_queue", "member_set", "{s:s, s:s, s:i}", "queue", "x", "agent",
		    "1001", "penalty", 4);
	run_refused(h, "no_such_agent", "member_set", "{s:s, s:s, s:i}", "queue", "q", "agent", "x",
		    "penalty", 4);
}

/* No calls of that queue, though the agent is free for those of its other. */
static void
members_are_paused(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	scene_queue(h, "p");
	scene_agent(h, "1001", "q", false);
	run_ok(h, "member_add", "{s:s, s:s}", "queue", "p", "agent", "1001");
	run_ok(h, "member_pause", "{s:s, s:s, s:s}", "queue", "q", "agent", "1001", "reason",
	       " two  words");
	assert_string_equal(text_of(h, last_event(h, "member_paused"), "reason"), " two  words");
	assert_string_equal(text_of(h, last(h), "before"), "");
	queue_is(h, "q", "idle", "0");
	queue_is(h, "p", "idle", "1");
	assert_string_equal(
		text_of(h, json_object_get(shown(h, &view_agent, "1001"), "paused_in"), "q"),
		" two  words");
	/* A penalty leaves the pause, a login too, and no call of that queue comes. */
	run_ok(h, "member_set", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 2);
	run_ok(h, "agent_logout", "{s:s}", "agent", "1001");
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	scene_call(h, "c1", "q", 1000);
	assert_null(last_event(h, "offer_made"));
	/* Another reason is an event; the same is none. */
	run_ok(h, "member_pause", "{s:s, s:s}", "queue", "q", "agent", "1001");
	assert_string_equal(text_of(h, last(h), "before"), " two  words");
	assert_string_equal(text_of(h, last(h), "reason"), "paused");
	run_ok(h, "member_pause", "{s:s, s:s}", "queue", "q", "agent", "1001");
	assert_int_equal(last_events(h), 0);
	/* The match is made in the same step. */
	run_ok(h, "member_unpause", "{s:s, s:s}", "queue", "q", "agent", "1001");
	assert_string_equal(text_of(h, last_event(h, "member_unpaused"), "reason"), "paused");
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "agent"), "1001");
	run_ok(h, "member_unpause", "{s:s, s:s}", "queue", "q", "agent", "1001");
	assert_int_equal(last_events(h), 0);
	run_ok(h, "member_remove", "{s:s, s:s}", "queue", "p", "agent", "1001");
	run_refused(h, "no_such_member", "member_pause", "{s:s, s:s}", "queue", "p", "agent",
		    "1001");
	run_refused(h, "no_such_member", "member_unpause", "{s:s, s:s}", "queue", "p", "agent",
		    "1001");
}

static void
at_most_64_queues(void **state)
{
	struct harness *h = *state;
	char name[16];
	size_t i;

	scene_pool(h);
	scene_agent(h, "1001", NULL, false);
	for (i = 0; i < 65; i++) {
		snprintf(name, sizeof(name), "q%zu", i);
		scene_queue(h, name);
		if (i < 64)
			run_ok(h, "member_add", "{s:s, s:s}", "queue", name, "agent", "1001");
	}
	run_refused(h, "too_many_queues", "member_add", "{s:s, s:s}", "queue", "q64", "agent",
		    "1001");
	/* A penalty can be changed still. */
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "q3", "agent", "1001", "penalty", 9);
	run_ok(h, "agent_logout", "{s:s}", "agent", "1001");
	assert_int_equal(zrank(h, "idle:q63", "1001"), -1);
}

/* Names that the records use themselves. */
static void
awkward_names(void **state)
{
	static const char *const names[] = {"v", "name", "state", "a.b-c_d"};
	struct harness *h = *state;
	size_t i;

	scene_pool(h);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		scene_queue(h, names[i]);
		scene_agent(h, names[i], names[i], false);
		queue_is(h, names[i], "name", names[i]);
		queue_is(h, names[i], "idle", "1");
		scene_call(h, names[i], names[i], 0);
		assert_string_equal(text_of(h, last_event(h, "offer_made"), "agent"), names[i]);
	}
}

static void
totals(void **state)
{
	struct harness *h = *state;
	const json_t *sum;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	scene_agent(h, "1002", "q", true);
	scene_call(h, "c1", "q", 0);
	scene_call(h, "c2", "q", 4000);
	run_ok(h, "status_read", "{}");
	sum = json_object_get(last(h), "totals");
	assert_string_equal(text_of(h, sum, "waiting"), "1");
	assert_string_equal(text_of(h, sum, "ringing"), "1");
	assert_string_equal(text_of(h, sum, "talking"), "0");
	assert_string_equal(text_of(h, json_object_get(sum, "agents"), "ringing"), "1");
	assert_string_equal(text_of(h, json_object_get(sum, "agents"), "logged_out"), "1");
	assert_true(json_integer_value(json_object_get(queue(h, "q"), "longest_wait_ms")) >= 4000);
	run_ok(h, "nodes_read", "{}");
	assert_int_equal(json_array_size(json_object_get(last(h), "items")), 2);
	sum = json_array_get(json_object_get(last(h), "items"), 0);
	assert_string_equal(text_of(h, sum, "name"), "a1");
	assert_string_equal(text_of(h, sum, "state"), "up");
	assert_string_equal(text_of(h, sum, "waiting"), "1");
	assert_string_equal(text_of(h, sum, "ringing"), "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_set_delete),
		cmocka_unit_test(a_closed_queue_takes_no_newcomer),
		cmocka_unit_test(a_queue_with_calls_stays),
		cmocka_unit_test(delete_in_pages),
		cmocka_unit_test(members),
		cmocka_unit_test(members_are_set),
		cmocka_unit_test(members_are_paused),
		cmocka_unit_test(at_most_64_queues),
		cmocka_unit_test(awkward_names),
		cmocka_unit_test(totals),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
