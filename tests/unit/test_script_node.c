/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes and their calls in pages, the end of a recovery, and the leases. */
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

/* The text of a lease script, with its keys and arguments, as lease.c sends it. */
static const char *
lease(struct harness *h, const char *script, const char *a, const char *b, const char *c)
{
	const char *text = script_find(harness_scripts(h), script)->text;
	static const char wrap[] = "local ok, r = pcall(function() %s end) "
				   "if not ok then return 'error' end "
				   "if type(r) == 'table' then return r[1] .. ' ' .. r[2] end "
				   "return tostring(r)";
	char *whole = mem_printf(wrap, text);
	const char *reply = redis_text(h, "EVAL %s 2 lease token %s %s %s", whole, a, b, c);

	free(whole);
	return reply;
}

static void
leases(void **state)
{
	struct harness *h = *state;
	char first[64], second[64];

	harness_clear(h);
	snprintf(first, sizeof(first), "%s", lease(h, "lease_take", "i1", "60000", "0") + 2);
	assert_int_equal(strlen(first), 19); /* 16 digits, ":i1" */
	/* Held is held; only the very same instance may take it over. */
	assert_string_equal(lease(h, "lease_take", "i2", "60000", "1") + 2, first);
	assert_string_equal(lease(h, "lease_take", "i1", "60000", "0") + 2, first);
	assert_int_equal(*lease(h, "lease_take", "i1", "60000", "0"), '0');
	snprintf(second, sizeof(second), "%s", lease(h, "lease_take", "i1", "60000", "1") + 2);
	assert_true(strcmp(second, first) > 0);
	/* Renewed or given back by its holder only; also when it had run out. */
	assert_string_equal(lease(h, "lease_renew", first, "60000", ""), "0");
	assert_string_equal(lease(h, "lease_renew", second, "60000", ""), "1");
	assert_string_equal(lease(h, "lease_drop", first, "", ""), "0");
	assert_string_equal(lease(h, "lease_drop", second, "", ""), "1");
	assert_string_equal(lease(h, "lease_renew", second, "60000", ""), "1");
	redis_do(h, "DEL lease");
	/* A clock that went back gives no lower token. */
	redis_do(h, "SET token 9000000000000000");
	assert_string_equal(lease(h, "lease_take", "i2", "60000", "0"), "1 9000000000000001:i2");
	assert_string_equal(lease(h, "lease_renew", second, "60000", ""), "0");
}

static void
leases_run_out(void **state)
{
	struct harness *h = *state;
	char first[64];
	int tries;

	harness_clear(h);
	snprintf(first, sizeof(first), "%s", lease(h, "lease_take", "i1", "1", "0") + 2);
	for (tries = 0; *lease(h, "lease_take", "i2", "60000", "0") == '0'; tries++)
		assert_true(tries < 100000);
	assert_string_equal(lease(h, "lease_renew", first, "60000", ""), "0");
}

/* Another program's data under a lease's key is an error before anything is written. */
static void
leases_of_a_wrong_type(void **state)
{
	static const char *const scripts[] = {"lease_take", "lease_renew", "lease_drop"};
	static const char *const keys[] = {"lease", "token"};
	struct harness *h = *state;
	char *before, *after;
	size_t i, k;

	for (i = 0; i < 3; i++) {
		for (k = 0; k < (i == 0 ? 2 : 1); k++) {
			harness_clear(h);
			redis_do(h, "RPUSH %s foreign", keys[k]);
			before = snapshot(h);
			assert_string_equal(lease(h, scripts[i], "i1", "60000", "0"), "error");
			after = snapshot(h);
			assert_string_equal(before, after);
			free(before);
			free(after);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_of_a_dead_node_ends),
		cmocka_unit_test(hold_and_release_in_pages),
		cmocka_unit_test(recovery_matches_every_queue),
		cmocka_unit_test(leases),
		cmocka_unit_test(leases_of_a_wrong_type),
		cmocka_unit_test(leases_run_out),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
