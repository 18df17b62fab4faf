/* SPDX-License-Identifier: BSD-2-Clause */
/* The one decision: who is offered to whom, in which order, and what becomes true by time alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/script_harness.h"

static const char *
state_of(struct harness *h, const char *kind, const char *name)
{
	char key[128];

	snprintf(key, sizeof(key), "%s:%s", kind, name);
	return hget(h, key, "state");
}

/* The leg of a call goes, for that reason; sets leg's agent free. */
static void
leg_gone(struct harness *h, const char *agent, const char *reason)
{
	char key[80], call[64], leg[80];

	snprintf(key, sizeof(key), "agent:%s", agent);
	snprintf(call, sizeof(call), "%s", hget(h, key, "call"));
	snprintf(leg, sizeof(leg), "%s", hget(h, key, "leg"));
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       call, "channel", leg, "reason", reason);
}

static void
offered_to(struct harness *h, const char *agent)
{
	const json_t *event = last_event(h, "offer_made");

	if (event == NULL)
		fail_msg("no offer was made, %s was to get one", agent);
	assert_string_equal(text_of(h, event, "agent"), agent);
}

static void
longest_idle_first(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1003", "q", false);
	advance(h, 10);
	scene_agent(h, "1001", "q", false);
	advance(h, 20);
	scene_agent(h, "1002", "q", false);
	scene_call(h, "c1", "q", 0);
	offered_to(h, "1003");
	scene_call(h, "c2", "q", 0);
	offered_to(h, "1001");
	scene_call(h, "c3", "q", 0);
	offered_to(h, "1002");
	scene_call(h, "c4", "q", 0);
	assert_null(last_event(h, "offer_made"));
	/* The reply's claim is all that the node's owner needs. */
	advance(h, 1000);
	scene_agent(h, "1004", "q", false);
	offered_to(h, "1004");
	json_t *claim = json_array_get(json_object_get(last(h), "claims"), 0);

	assert_string_equal(text_of(h, claim, "state"), "ringing");
	assert_string_equal(text_of(h, claim, "node"), "a1");
	assert_string_equal(text_of(h, claim, "timeout"), "15");
	claim = json_array_get(json_object_get(claim, "legs"), 0);
	assert_string_equal(text_of(h, claim, "agent"), "1004");
	assert_string_equal(text_of(h, claim, "address"), "sip:x@y");
}

static void
lower_penalty_first(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "q", "agent", "1001", "penalty", 2);
	advance(h, 100000);
	scene_agent(h, "1002", "q", false);
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "q", "agent", "1002", "penalty", 1);
	advance(h, 100000);
	scene_agent(h, "1003", "q", false); /* idle for the shortest time, penalty 0 */
	scene_call(h, "c1", "q", 0);
	offered_to(h, "1003");
	scene_call(h, "c2", "q", 0);
	offered_to(h, "1002");
	scene_call(h, "c3", "q", 0);
	offered_to(h, "1001");
}

static void
callers_in_order_of_entering(void **state)
{
	struct harness *h = *state;
	char second[64], first[64], third[64];

	scene_pool(h);
	scene_queue(h, "q");
	/* They reach us in another order than they came in. */
	snprintf(second, sizeof(second), "%s", scene_call(h, "c2", "q", 2000));
	snprintf(first, sizeof(first), "%s", scene_call(h, "c1", "q", 3000));
	snprintf(third, sizeof(third), "%s", scene_call(h, "c3", "q", 1000));
	assert_int_equal(zrank(h, "wait:q", first), 0);
	assert_int_equal(zrank(h, "wait:q", second), 1);
	assert_int_equal(zrank(h, "wait:q", third), 2);
	scene_agent(h, "1001", "q", false);
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "call"), first);
	/* A caller that was put back keeps its place. */
	leg_gone(h, "1001", "no_answer");
	assert_string_equal(state_of(h, "call", first), "waiting");
	assert_int_equal(zrank(h, "wait:q", first), 0);
	scene_agent(h, "1002", "q", false);
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "call"), first);
	/* One step of priority is a minute of waiting. */
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:i}", "node", "a1", "token", "t", "channel",
	       "c4", "queue", "q", "priority", 1);
	scene_agent(h, "1003", "q", false);
	assert_string_equal(hget(h, "agent:1003", "call"),
			    text_of(h, last_event(h, "offer_made"), "call"));
	assert_string_equal(state_of(h, "call", second), "waiting");
}

static void
one_agent_in_two_queues(void **state)
{
	struct harness *h = *state;
	char old[64], young[64];

	scene_pool(h);
	scene_queue(h, "q");
	scene_queue(h, "r");
	scene_agent(h, "1001", "q", true);
	run_ok(h, "member_add", "{s:s, s:s}", "queue", "r", "agent", "1001");
	snprintf(young, sizeof(young), "%s", scene_call(h, "c1", "q", 1000));
	snprintf(old, sizeof(old), "%s", scene_call(h, "c2", "r", 5000));
	/* Becoming idle makes one match, for the caller that waits longest in any of its queues. */
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	assert_int_equal(json_array_size(json_object_get(last(h), "claims")), 1);
	assert_string_equal(state_of(h, "call", old), "ringing");
	assert_string_equal(state_of(h, "call", young), "waiting");
	assert_int_equal(zrank(h, "idle:q", "1001"), -1);
	assert_int_equal(zrank(h, "idle:r", "1001"), -1);
	run_ok(h, "match", "{s:[s,s]}", "queues", "q", "r");
	assert_null(last_event(h, "offer_made"));
}

/* While the pool recovers calls and agents come; then one script has more to match than it may. */
static void
more_than_one_script_may(void **state)
{
	struct harness *h = *state;
	char name[16];
	size_t i, claims = 0, runs = 0;

	scene_pool(h);
	scene_queue(h, "q");
	redis_do(h, "HSET %smeta state recovering", HARNESS_PREFIX);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%zu", 1000 + i);
		scene_agent(h, name, "q", false);
		scene_call(h, name, "q", (int64_t)i);
		assert_null(last_event(h, "offer_made"));
	}
	redis_do(h, "HSET %smeta state ready", HARNESS_PREFIX);
	run_ok(h, "match", "{s:[s]}", "queues", "q");
	for (;;) {
		json_t *more = json_incref(json_object_get(last(h), "more"));

		claims += json_array_size(json_object_get(last(h), "claims"));
		assert_true(json_array_size(json_object_get(last(h), "claims")) <= 16);
		runs++;
		if (more == NULL)
			break;
		run_ok(h, "match", "{s:o}", "queues", more);
	}
	assert_int_equal(runs, 3);
	assert_int_equal(claims, 40);
	assert_false(key_exists(h, "idle:q"));
	assert_false(key_exists(h, "wait:q"));
	/* Every queue is looked at when an instance begins to decide; a drain makes no match. */
	scene_call(h, "late", "q", 0);
	run_ok(h, "agent_add", "{s:s, s:b}", "agent", "late", "drain", 1);
	run_ok(h, "member_add", "{s:s, s:s}", "queue", "q", "agent", "late");
	run_ok(h, "agent_login", "{s:s, s:b}", "agent", "late", "drain", 1);
	assert_null(last_event(h, "offer_made"));
	run_ok(h, "match", "{s:b}", "all", 1);
	offered_to(h, "late");
}

static void
back_off_by_reason(void **state)
{
	static const struct {
		const char *reason;
		int64_t seconds; /* scene_queue sets no delay: the defaults */
		const char *misses;
	} rows[] = {{"busy", 5, "1"},
		    {"reject", 5, "1"},
		    {"no_answer", 10, "1"},
		    {"node", 0, ""},
		    {"cancelled", 0, ""}};
	struct harness *h = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scene_pool(h);
		run_ok(h, "queue_create", "{s:s, s:{s:s, s:s, s:s, s:s}}", "queue", "q", "options",
		       "strategy", "longest-idle", "busydelay", "5", "rejectdelay", "5",
		       "noanswerdelay", "10");
		scene_agent(h, "1001", "q", false);
		scene_call(h, "c1", "q", 0);
		leg_gone(h, "1001", rows[i].reason);
		assert_string_equal(text_of(h, last_event(h, "offer_failed"), "reason"),
				    rows[i].reason);
		assert_string_equal(hget(h, "agent:1001", "misses"), rows[i].misses);
		if (strcmp(rows[i].reason, "cancelled") == 0) {
			offered_to(h, "1001"); /* nobody's fault: again at once */
			continue;
		}
		assert_null(last_event(h, "offer_made"));
		if (rows[i].seconds == 0)
			continue;
		/* Not a moment before its time; then by whoever runs what is due. */
		advance(h, rows[i].seconds * 1000 - 500);
		run_ok(h, "due_run", "{}");
		assert_null(last_event(h, "offer_made"));
		assert_true(json_number_value(json_object_get(last(h), "due")) <= 500);
		advance(h, 600);
		run_ok(h, "due_run", "{}");
		offered_to(h, "1001");
		/* Done once. */
		run_ok(h, "due_run", "{}");
		assert_int_equal(last_events(h), 0);
	}
}

static void
misses_pause(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	run_ok(h, "queue_create", "{s:s, s:{s:s, s:s, s:s}}", "queue", "q", "options", "strategy",
	       "longest-idle", "autopausemisses", "2", "busydelay", "0");
	scene_agent(h, "1001", "q", false);
	scene_call(h, "c1", "q", 0);
	leg_gone(h, "1001", "busy");
	offered_to(h, "1001"); /* no delay: again at once */
	leg_gone(h, "1001", "busy");
	assert_string_equal(text_of(h, last_event(h, "agent_paused"), "reason"), "misses");
	assert_null(last_event(h, "offer_made"));
	assert_string_equal(hget(h, "count", "a:paused"), "1");
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	offered_to(h, "1001");
	assert_string_equal(hget(h, "agent:1001", "misses"), "");
}

static void
wrap_up(void **state)
{
	struct harness *h = *state;
	char id[64], leg[80];

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "wrapuptime", "30");
	run_ok(h, "queue_set", "{s:s, s:{s:s}}", "queue", "q", "options", "wrapuptime", "10");
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 0));
	snprintf(leg, sizeof(leg), "%s", hget(h, "agent:1001", "leg"));
	run_ok(h, "leg_answer", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", id,
	       "leg", leg);
	run_ok(h, "call_bridged", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", id,
	       "leg", leg);
	scene_call(h, "c2", "q", 0);
	leg_gone(h, "1001", "gone");
	assert_string_equal(text_of(h, last_event(h, "call_ended"), "reason"), "agent_left");
	assert_string_equal(state_of(h, "agent", "1001"), "wrapup");
	/* The longer of both times, then the next caller in the same step. */
	advance(h, 29000);
	run_ok(h, "due_run", "{}");
	assert_string_equal(state_of(h, "agent", "1001"), "wrapup");
	advance(h, 2000);
	run_ok(h, "due_run", "{}");
	offered_to(h, "1001");
}

static void
a_failing_node_holds(void **state)
{
	struct harness *h = *state;
	char id[64];

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 0));
	leg_gone(h, "1001", "node");
	assert_string_equal(state_of(h, "call", id), "held");
	assert_string_equal(state_of(h, "agent", "1001"), "idle");
	assert_int_equal(zrank(h, "idle:q", "1001"), 0);
	advance(h, 600);
	run_ok(h, "due_run", "{}");
	assert_non_null(last_event(h, "call_released"));
	offered_to(h, "1001");
	/* Each failure in a row holds for longer. */
	leg_gone(h, "1001", "node");
	advance(h, 600);
	run_ok(h, "due_run", "{}");
	assert_string_equal(state_of(h, "call", id), "held");
	advance(h, 600);
	run_ok(h, "due_run", "{}");
	assert_string_equal(state_of(h, "call", id), "ringing");
}

static void
an_unreachable_node_holds(void **state)
{
	struct harness *h = *state;
	char first[64], second[64];

	scene_pool(h);
	scene_queue(h, "q");
	snprintf(first, sizeof(first), "%s", scene_call(h, "c1", "q", 2000));
	snprintf(second, sizeof(second), "%s", scene_call(h, "c2", "q", 1000));
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state",
	       "unreachable", "reason", "test");
	assert_string_equal(text_of(h, last_event(h, "node_state"), "new"), "unreachable");
	run_ok(h, "node_hold", "{s:s, s:s, s:b, s:s}", "node", "a1", "token", "t", "hold", 1,
	       "reason", "unreachable");
	assert_int_equal(last_events(h), 2);
	assert_string_equal(state_of(h, "call", first), "held");
	scene_agent(h, "1001", "q", false);
	assert_null(last_event(h, "offer_made"));
	assert_string_equal(hget(h, "count", "n:a1:held"), "2");
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state", "up",
	       "reason", "test");
	run_ok(h, "node_hold", "{s:s, s:s, s:b, s:s}", "node", "a1", "token", "t", "hold", 0,
	       "reason", "reachable");
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "call"), first);
	assert_int_equal(zrank(h, "wait:q", second), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_idle_first),
		cmocka_unit_test(lower_penalty_first),
		cmocka_unit_test(callers_in_order_of_entering),
		cmocka_unit_test(one_agent_in_two_queues),
		cmocka_unit_test(more_than_one_script_may),
		cmocka_unit_test(back_off_by_reason),
		cmocka_unit_test(misses_pause),
		cmocka_unit_test(wrap_up),
		cmocka_unit_test(a_failing_node_holds),
		cmocka_unit_test(an_unreachable_node_holds),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
