/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes and their calls in pages, and the end of a recovery. */
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

#define MANY 150 /* calls of a node: three pages */

/* What the list of nodes says of it: "", draining or drained. */
static const char *
drain_of(struct harness *h, const char *name)
{
	const json_t *node;
	size_t i;

	run_ok(h, "nodes_read", "{}");
	json_array_foreach(json_object_get(last(h), "items"), i, node)
	{
		if (strcmp(text_of(h, node, "name"), name) == 0)
			return text_of(h, node, "drain");
	}
	return "no such node";
}

static void
many_calls(struct harness *h)
{
	char channel[16];
	int i;

	scene_pool(h);
	scene_queue(h, "q");
	for (i = 0; i < MANY; i++) {
		snprintf(channel, sizeof(channel), "c%d", i);
		scene_call(h, channel, "q", 5000 - i / 3); /* some in the same ms */
	}
}

/* The node is dead: each page's callers are gone before the next page is read. */
static void
every_call_of_a_dead_node_ends(void **state)
{
	struct harness *h = *state;
	json_t *cursor = NULL, *page, *call;
	unsigned pages = 0;
	size_t i;

	many_calls(h);
	do {
		run_ok(h, "node_calls", "{s:s, s:o*}", "node", "a1", "cursor", cursor);
		page = json_incref(json_object_get(last(h), "calls"));
		cursor = json_incref(json_object_get(last(h), "cursor"));
		json_array_foreach(page, i, call)
			run_ok(h, "channel_gone", "{s:s, s:s, s:O, s:O, s:s}", "node", "a1",
			       "token", "t", "call", json_object_get(call, "id"), "channel",
			       json_object_get(call, "channel"), "reason", "node_lost");
		json_decref(page);
		pages++;
	} while (cursor != NULL);
	assert_int_equal(pages, 3);
	assert_false(key_exists(h, "on:a1"));
	assert_false(key_exists(h, "wait:q"));
	assert_string_equal(hget(h, "count", "q:q:waiting"), "");
}

/* Callers that leave between two pages keep no other from being held, or released. */
static void
hold_all(struct harness *h, bool hold, const char *gone)
{
	json_t *cursor = NULL;
	char channel[16];
	int i;

	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state",
	       hold ? "unreachable" : "up", "reason", "test");
	do {
		run_ok(h, "node_hold", "{s:s, s:s, s:b, s:s, s:o*}", "node", "a1", "token", "t",
		       "hold", hold, "reason", "test", "cursor", cursor);
		cursor = json_incref(json_object_get(last(h), "cursor"));
		for (i = 0; i < 64 && *gone != '\0'; i++) {
			snprintf(channel, sizeof(channel), "chan:a1:c%d", i);
			if (!key_exists(h, channel))
				continue;
			run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1",
			       "token", "t", "call",
			       redis_text(h, "GET %s%s", HARNESS_PREFIX, channel), "channel",
			       strrchr(channel, ':') + 1, "reason", "hangup");
		}
	} while (cursor != NULL);
}

static void
hold_and_release_in_pages(void **state)
{
	struct harness *h = *state;

	many_calls(h);
	hold_all(h, true, "");
	assert_string_equal(hget(h, "count", "q:q:held"), "150");
	assert_false(key_exists(h, "wait:q"));
	hold_all(h, false, "gone");
	assert_string_equal(hget(h, "count", "q:q:held"), "");
	assert_string_equal(hget(h, "count", "q:q:waiting"), "86");
	many_calls(h);
	hold_all(h, true, "gone");
	assert_string_equal(hget(h, "count", "q:q:held"), "86");
	assert_string_equal(hget(h, "count", "q:q:waiting"), "");
}

/* More queues than one script may look at: the reply says where to go on. */
static void
recovery_matches_every_queue(void **state)
{
	struct harness *h = *state;
	const char *inc = "run2";
	char name[16];
	json_t *cursor;
	int i;

	scene_pool(h);
	for (i = 0; i < 130; i++) {
		snprintf(name, sizeof(name), "q%03d", i);
		scene_queue(h, name);
	}
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[{s:s, s:s}]}", "inc", inc, "instance", "i1",
	       "version", "1", "nodes", "name", "a1", "url", "u");
	for (i = 1; i <= 2; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		run_ok(h, "node_own", "{s:s, s:s, s:s, s:s}", "inc", inc, "node", name, "token",
		       "u", "instance", "i1");
		if (i == 1) {
			run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s}", "inc", inc, "node",
			       name, "token", "u", "channel", "c1", "queue", "q129");
			run_ok(h, "agent_add", "{s:s, s:s}", "inc", inc, "agent", "1001");
			run_ok(h, "agent_login", "{s:s, s:s}", "inc", inc, "agent", "1001");
			run_ok(h, "member_add", "{s:s, s:s, s:s}", "inc", inc, "queue", "q129",
			       "agent", "1001");
		}
		run_ok(h, "node_state", "{s:s, s:s, s:s, s:s, s:s}", "inc", inc, "node", name,
		       "token", "u", "state", "up", "reason", "test");
	}
	assert_non_null(last_event(h, "recovery_done"));
	for (i = 0; (cursor = json_incref(json_object_get(last(h), "cursor"))) != NULL; i++) {
		/* A queue that is deleted meanwhile hides none. */
		if (i == 0)
			run_ok(h, "queue_delete", "{s:s, s:s}", "inc", inc, "queue", "q001");
		run_ok(h, "match", "{s:s, s:b, s:o}", "inc", inc, "all", 1, "cursor", cursor);
	}
	assert_int_equal(i, 2);
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "agent"), "1001");
}

/* Kept until it is taken back; empty is said once, at the last end, and anew when a call strays
 * there. */
static void
a_node_is_drained(void **state)
{
	struct harness *h = *state;
	char *a, *b;

	scene_pool(h);
	scene_queue(h, "q");
	a = mem_dup(scene_call(h, "c1", "q", 2000));
	b = mem_dup(scene_call(h, "c2", "q", 1000));
	run_ok(h, "node_drain", "{s:s}", "node", "a1");
	assert_string_equal(text_of(h, last_event(h, "node_draining"), "calls"), "2");
	assert_null(last_event(h, "node_drained"));
	run_ok(h, "node_drain", "{s:s}", "node", "a1");
	assert_int_equal(last_events(h), 0);
	assert_true(json_is_true(json_object_get(last(h), "already")));
	run_ok(h, "nodes_watch", "{}");
	assert_int_equal(json_array_size(json_object_get(last(h), "draining")), 1);
	assert_string_equal(drain_of(h, "a1"), "draining");
	assert_string_equal(drain_of(h, "a2"), "");
	run_ok(h, "call_end", "{s:s, s:s}", "call", a, "reason", "operator");
	assert_null(last_event(h, "node_drained"));
	run_ok(h, "call_end", "{s:s, s:s}", "call", b, "reason", "operator");
	assert_string_equal(text_of(h, last_event(h, "node_drained"), "node"), "a1");
	assert_string_equal(drain_of(h, "a1"), "drained");
	scene_call(h, "c3", "q", 0);
	assert_string_equal(drain_of(h, "a1"), "draining");
	run_ok(h, "node_undrain", "{s:s}", "node", "a1");
	assert_non_null(last_event(h, "node_undrained"));
	assert_string_equal(drain_of(h, "a1"), "");
	assert_false(key_exists(h, "draining"));
	run_ok(h, "node_undrain", "{s:s}", "node", "a1");
	assert_int_equal(last_events(h), 0);
	run_ok(h, "node_drain", "{s:s}", "node", "a2");
	assert_non_null(last_event(h, "node_drained"));
	run_refused(h, "no_such_node", "node_drain", "{s:s}", "node", "zz");
	run_refused(h, "no_such_node", "node_undrain", "{s:s}", "node", "zz");
	free(a);
	free(b);
}

/* A restart keeps the wish; after a wipe whoever remembers it brings it back, and not later. */
static void
a_drain_outlives_redis(void **state)
{
	struct harness *h = *state;
	char *since;

	scene_pool(h);
	run_ok(h, "node_drain", "{s:s}", "node", "a1");
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[{s:s, s:s}]}", "inc", "run2", "instance", "i1",
	       "version", "1", "nodes", "name", "a1", "url", "u");
	assert_true(*hget(h, "node:a1", "drain") != '\0');
	harness_clear(h);
	run_ok(h, "pool_open", "{s:s, s:s, s:[{s:s, s:s}]}", "instance", "i1", "version", "1",
	       "nodes", "name", "a1", "url", "u");
	assert_string_equal(hget(h, "node:a1", "drain"), "");
	run_ok(h, "pool_open", "{s:s, s:s, s:[{s:s, s:s, s:b}]}", "instance", "i2", "version", "1",
	       "nodes", "name", "a1", "url", "u", "drain", 1);
	assert_true(*hget(h, "node:a1", "drain") != '\0');
	/* Somebody has taken it back since. */
	run_ok(h, "node_undrain", "{s:s}", "node", "a1");
	since = mem_dup(hget(h, "meta", "recovering_since"));
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[{s:s, s:s, s:b}]}", "instance", "i2", "opened",
	       since, "version", "1", "nodes", "name", "a1", "url", "u", "drain", 1);
	assert_string_equal(hget(h, "node:a1", "drain"), "");
	free(since);
}

/* Each mqsd is told how to reach it; it goes only when it is drained and nothing of a call is left.
 */
static void
a_node_is_added_and_removed(void **state)
{
	struct harness *h = *state;
	const json_t *added;
	char *id;

	scene_pool(h);
	scene_queue(h, "q");
	run_ok(h, "node_add", "{s:s, s:s, s:s, s:s, s:s}", "node", "a3", "url", "http://h:1",
	       "user", "u", "password", "p", "sip", "sip:h");
	assert_string_equal(text_of(h, last_event(h, "node_added"), "sip"), "sip:h");
	/* What is told of it is no secret. */
	assert_null(json_object_get(last_event(h, "node_added"), "password"));
	run_refused(h, "node_exists", "node_add", "{s:s, s:s}", "node", "a3", "url", "x");
	run_refused(h, "node_exists", "node_add", "{s:s, s:s}", "node", "a1", "url", "x");
	run_ok(h, "nodes_watch", "{}");
	assert_int_equal(json_array_size(json_object_get(last(h), "added")), 1);
	added = json_array_get(json_object_get(last(h), "added"), 0);
	assert_string_equal(text_of(h, added, "name"), "a3");
	assert_string_equal(text_of(h, added, "password"), "p");
	run_ok(h, "nodes_read", "{}");
	added = json_array_get(json_object_get(last(h), "items"), 2);
	assert_true(json_is_true(json_object_get(added, "added")));
	assert_null(json_object_get(added, "password"));
	id = mem_dup(scene_call(h, "c1", "q", 0)); /* on a1 */
	run_refused(h, "node_busy", "node_remove", "{s:s}", "node", "a1");
	run_ok(h, "node_drain", "{s:s}", "node", "a1");
	run_refused(h, "node_busy", "node_remove", "{s:s}", "node", "a1");
	run_ok(h, "call_end", "{s:s, s:s}", "call", id, "reason", "operator");
	/* Its channel is not seen gone yet. */
	run_refused(h, "node_busy", "node_remove", "{s:s}", "node", "a1");
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", "c1", "reason", "gone");
	run_refused(h, "node_in_use", "node_remove", "{s:s}", "node", "a3");
	run_ok(h, "node_drain", "{s:s}", "node", "a3");
	run_ok(h, "node_remove", "{s:s}", "node", "a3");
	assert_string_equal(text_of(h, last_event(h, "node_removed"), "node"), "a3");
	assert_true(json_is_true(json_object_get(json_object_get(last(h), "node"), "secret")));
	assert_false(key_exists(h, "node:a3"));
	assert_false(key_exists(h, "added"));
	run_refused(h, "no_such_node", "node_remove", "{s:s}", "node", "a3");
	run_ok(h, "node_remove", "{s:s}", "node", "a1");
	run_ok(h, "nodes_read", "{}");
	assert_int_equal(json_array_size(json_object_get(last(h), "items")), 1);
	free(id);
}

/* Whoever opens the pool brings it back after a wipe, and not when it was removed. */
static void
an_added_node_outlives_redis(void **state)
{
	struct harness *h = *state;
	char *since;

	scene_pool(h);
	since = mem_dup(hget(h, "meta", "recovering_since"));
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[{s:s, s:s, s:b}]}", "instance", "i2", "opened",
	       since, "version", "1", "nodes", "name", "a3", "url", "u", "added", 1);
	assert_false(key_exists(h, "node:a3"));
	/* The others did not know it, and have recovered without. */
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[{s:s, s:s, s:b}]}", "instance", "i2", "opened",
	       "1", "version", "1", "nodes", "name", "a3", "url", "u", "added", 1);
	assert_true(key_exists(h, "node:a3"));
	free(since);
	harness_clear(h);
	run_ok(h, "pool_open", "{s:s, s:s, s:[{s:s, s:s, s:s, s:s, s:s, s:b, s:b}]}", "instance",
	       "i2", "version", "1", "nodes", "name", "a3", "url", "u", "user", "", "password", "p",
	       "sip", "sip:x", "added", 1, "drain", 1);
	assert_string_equal(hget(h, "node:a3", "password"), "p");
	assert_true(*hget(h, "node:a3", "drain") != '\0');
	run_ok(h, "nodes_watch", "{}");
	assert_int_equal(json_array_size(json_object_get(last(h), "added")), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_of_a_dead_node_ends),
		cmocka_unit_test(hold_and_release_in_pages),
		cmocka_unit_test(recovery_matches_every_queue),
		cmocka_unit_test(a_node_is_drained),
		cmocka_unit_test(a_drain_outlives_redis),
		cmocka_unit_test(a_node_is_added_and_removed),
		cmocka_unit_test(an_added_node_outlives_redis),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
