/* SPDX-License-Identifier: BSD-2-Clause */
/* What a Redis that forgot is given back: a wipe, an older Redis, several copies, and what stays.
 */
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

/* What an mqsd has on its disk. */
struct kept {
	json_t *objects;
	json_int_t version;
	char born[32];
};

static struct kept
keep(struct harness *h, const char *inc)
{
	struct kept kept = {.objects = json_array()};
	char since[32] = "";
	bool more;

	do {
		run_ok(h, "export_read", "{s:s, s:s}", "inc", inc, "since", since);
		json_array_extend(kept.objects, json_object_get(last(h), "items"));
		more = json_object_get(last(h), "cursor") != NULL;
		snprintf(since, sizeof(since), "%s", text_of(h, last(h), "cursor"));
	} while (more);
	kept.version = atoll(text_of(h, last(h), "config"));
	snprintf(kept.born, sizeof(kept.born), "%s", text_of(h, last(h), "born"));
	return kept;
}

static void
open_as(struct harness *h, const char *inc)
{
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[{s:s, s:s}]}", "inc", inc, "instance", "i1",
	       "version", "1", "nodes", "name", "a1", "url", "u");
	run_ok(h, "node_own", "{s:s, s:s, s:s, s:s}", "inc", inc, "node", "a1", "token", "u",
	       "instance", "i1");
}

/* Brings a copy back as the instance; how many objects were wanted. */
static int
bring(struct harness *h, const char *inc, const char *instance, const struct kept *kept)
{
	int restored;

	run_ok(h, "restore_open", "{s:s, s:s, s:I, s:s}", "inc", inc, "instance", instance,
	       "version", kept->version, "born", kept->born);
	run_ok(h, "restore", "{s:s, s:s, s:O}", "inc", inc, "born", kept->born, "objects",
	       kept->objects);
	restored = atoi(text_of(h, last(h), "restored"));
	run_ok(h, "restore_done", "{s:s, s:s, s:I, s:i}", "inc", inc, "instance", instance,
	       "version", kept->version, "restored", restored);
	return restored;
}

static void
settle_node(struct harness *h, const char *inc)
{
	static const char *const nodes[] = {"a2", "a1"};
	int i;

	for (i = key_exists(h, "node:a2") ? 0 : 1; i < 2; i++) {
		run_ok(h, "node_own", "{s:s, s:s, s:s, s:s}", "inc", inc, "node", nodes[i], "token",
		       "u", "instance", "i1");
		run_ok(h, "node_state", "{s:s, s:s, s:s, s:s, s:s}", "inc", inc, "node", nodes[i],
		       "token", "u", "state", "up", "reason", "test");
	}
}

/* Queues q and p; agents of every kind. */
static void
scene_all(struct harness *h)
{
	scene_pool(h);
	scene_queue(h, "q");
	scene_queue(h, "p");
	run_ok(h, "queue_set", "{s:s, s:{s:s}}", "queue", "p", "options", "timeout", "33");
	scene_agent(h, "out", "q", true);
	scene_agent(h, "in", "q", false);
	run_ok(h, "member_add", "{s:s, s:s, s:i}", "queue", "p", "agent", "in", "penalty", 7);
	run_ok(h, "member_pause", "{s:s, s:s, s:s}", "queue", "p", "agent", "in", "reason",
	       "quiet");
	scene_agent(h, "paused", "q", false);
	run_ok(h, "agent_pause", "{s:s, s:s}", "agent", "paused", "reason", "lunch \"break\"");
	scene_agent(h, "phone", NULL, true);
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "phone", "options", "login", "register");
	redis_do(h, "XADD %sreg * ev reg aor phone", HARNESS_PREFIX);
	run_ok(h, "registrations", "{}");
	/* One misses a call, one wraps up. */
	scene_agent(h, "late", NULL, false);
}

static json_t *
by_name(const struct kept *kept, const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(kept->objects, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
			return row;
	}
	return NULL;
}

/* Both copies hold the same, whatever their order. */
static void
expect_same(const struct kept *a, const struct kept *b)
{
	json_t *row, *other;
	const char *name;
	size_t i;

	assert_int_equal(json_array_size(a->objects), json_array_size(b->objects));
	json_array_foreach(a->objects, i, row)
	{
		name = json_string_value(json_object_get(row, "name"));
		other = by_name(b, name);
		if (other == NULL || !json_equal(row, other))
			fail_msg("%s: %s, then %s", name, json_dumps(row, 0),
				 other ? json_dumps(other, 0) : "nothing");
	}
}

static void
free_kept(struct kept *kept)
{
	json_decref(kept->objects);
}

static void
a_wipe(void **state)
{
	struct harness *h = *state;
	struct kept before, after;

	scene_all(h);
	before = keep(h, "run1");
	assert_int_equal(json_array_size(before.objects), 7);
	harness_clear(h);
	open_as(h, "run1"); /* FLUSHALL: the server is the same */
	assert_string_equal(hget(h, "meta", "state"), "recovering");
	assert_int_equal(bring(h, "run1", "i1", &before), 7);
	assert_non_null(last_event(h, "pool_restored"));
	after = keep(h, "run1");
	expect_same(&before, &after);
	assert_string_equal(after.born, before.born);
	assert_true(after.version > before.version);
	assert_string_equal(hget(h, "agent:in", "state"), "idle");
	assert_string_equal(hget(h, "agent:out", "state"), "logged_out");
	assert_string_equal(hget(h, "agent:paused", "paused"), "lunch \"break\"");
	assert_string_equal(hget(h, "agent:phone", "registered"), "1");
	assert_string_equal(hget(h, "memberof:in", "p"), "7 quiet");
	assert_int_equal(zrank(h, "idle:p", "in"), -1);
	assert_int_equal(zrank(h, "idle:q", "in"), 0);
	assert_string_equal(hget(h, "queue:p", "timeout"), "33");
	assert_string_equal(hget(h, "count", "q:q:logged_in"), "2");
	assert_string_equal(hget(h, "count", "a:paused"), "1");
	/* Once more changes nothing; nor does another instance with the same. */
	assert_int_equal(bring(h, "run1", "i2", &before), 0);
	/* Each agent is told of, and then it is over. */
	settle_node(h, "run1");
	assert_non_null(last_event(h, "recovered"));
	assert_int_equal(last_events(h), 1 + 5 + 1);
	assert_string_equal(text_of(h, last_event(h, "recovered"), "reason"), "restored");
	assert_non_null(last_event(h, "recovery_done"));
	assert_string_equal(hget(h, "meta", "state"), "ready");
	free_kept(&before);
	free_kept(&after);
}

/* Nothing is claimed while agents and calls come back, and then in the order of entering. */
static void
nothing_is_claimed_before_the_end(void **state)
{
	struct harness *h = *state;
	struct kept before;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	before = keep(h, "run1");
	harness_clear(h);
	open_as(h, "run1");
	/* A caller whose queue is not back yet waits for it, and is not sent away. */
	run_refused(h, "not_yet", "call_enter", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "u",
		    "channel", "c1", "queue", "q");
	run_ok(h, "restore_open", "{s:s, s:I, s:s}", "instance", "i1", "version", before.version,
	       "born", before.born);
	settle_node(h, "run1"); /* too early: the copy is not back */
	assert_string_equal(hget(h, "meta", "state"), "recovering");
	bring(h, "run1", "i1", &before);
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "u", "channel", "c1",
	       "queue", "q");
	assert_null(json_object_get(last(h), "claims"));
	run_ok(h, "due_run", "{}");
	assert_non_null(last_event(h, "recovery_done"));
	assert_non_null(json_object_get(last(h), "claims"));
	free_kept(&before);
}

/* A caller who was here before the wipe is not sent away just because the copy comes late. */
static void
a_known_caller_waits_for_its_queue(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	run_refused(h, "not_yet", "call_enter", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token",
		    "t", "channel", "c1", "queue", "q", "call", "1700000000000000-0000001");
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel", "c2",
	       "queue", "q");
	assert_string_equal(text_of(h, last(h), "sent_on"), "no_such_queue");
	advance(h, 6000);
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel",
	       "c1", "queue", "q", "call", "1700000000000000-0000001");
	assert_string_equal(text_of(h, last(h), "sent_on"), "no_such_queue");
}

/* Redis comes back with an older state: what is newer in the copy is brought up to date, what was
 * deleted is deleted again by its owner, what Redis has newer stays. */
static void
an_older_redis(void **state)
{
	struct harness *h = *state;
	struct kept now;

	scene_all(h);
	now = keep(h, "run1");
	/* As if the copy were ahead: an agent logged out and q changed after Redis last wrote. */
	now.version += 100;
	json_object_set_new(by_name(&now, "in"), "logged_in", json_false());
	json_object_set_new(by_name(&now, "in"), "version", json_integer(now.version - 1));
	json_object_set_new(json_object_get(by_name(&now, "q"), "options"), "timeout",
			    json_string("44"));
	json_object_set_new(by_name(&now, "q"), "version", json_integer(now.version - 2));
	json_object_del(json_object_get(by_name(&now, "paused"), "members"), "q");
	json_object_set_new(by_name(&now, "paused"), "version", json_integer(now.version));
	open_as(h, "run2");
	assert_int_equal(bring(h, "run2", "i1", &now), 3);
	assert_string_equal(hget(h, "agent:in", "state"), "logged_out");
	assert_string_equal(hget(h, "queue:q", "timeout"), "44");
	assert_string_equal(hget(h, "memberof:paused", "q"), "");
	/* Never an older over a newer. */
	run_ok(h, "agent_login", "{s:s, s:s}", "inc", "run2", "agent", "in");
	assert_int_equal(bring(h, "run2", "i2", &now), 0);
	assert_string_equal(hget(h, "agent:in", "state"), "idle");
	settle_node(h, "run2");
	assert_string_equal(text_of(h, last_event(h, "recovered"), "reason"), "kept");
	free_kept(&now);
}

/* What Redis remembers to have been deleted does not come back from an old copy. */
static void
deleted_stays_deleted(void **state)
{
	struct harness *h = *state;
	struct kept old, now;

	scene_all(h);
	old = keep(h, "run1");
	run_ok(h, "queue_delete", "{s:s}", "queue", "p");
	run_ok(h, "agent_remove", "{s:s}", "agent", "out");
	now = keep(h, "run1");
	open_as(h, "run2"); /* a restart; nothing was lost */
	assert_int_equal(bring(h, "run2", "i2", &old), 0);
	assert_false(key_exists(h, "queue:p"));
	assert_false(key_exists(h, "agent:out"));

	/* A wipe: the older copy comes first, the newer one after it, and the other way round. */
	harness_clear(h);
	open_as(h, "run3");
	assert_int_equal(bring(h, "run3", "i2", &old), 7);
	bring(h, "run3", "i1", &now);
	assert_true(key_exists(h, "queue:p")); /* the instance sees that it is not in its copy */
	run_ok(h, "queue_delete", "{s:s, s:s, s:I}", "inc", "run3", "queue", "p", "kept",
	       now.version);
	run_ok(h, "agent_remove", "{s:s, s:s, s:I}", "inc", "run3", "agent", "out", "kept",
	       now.version);
	assert_int_equal(bring(h, "run3", "i2", &old), 0);
	assert_false(key_exists(h, "queue:p"));
	harness_clear(h);
	open_as(h, "run4");
	bring(h, "run4", "i1", &now);
	assert_int_equal(bring(h, "run4", "i2", &old), 0);
	assert_false(key_exists(h, "agent:out"));
	/* What an operator has done since is not taken back. */
	run_ok(h, "agent_pause", "{s:s, s:s, s:s}", "inc", "run4", "agent", "in", "reason", "new");
	run_refused(h, "stale", "agent_remove", "{s:s, s:s, s:I}", "inc", "run4", "agent", "in",
		    "kept", now.version);
	free_kept(&old);
	free_kept(&now);
}

/* The conversation of an agent goes on; its logout waits for the end, as the copy has it. */
static void
a_busy_agent_is_not_torn_off(void **state)
{
	struct harness *h = *state;
	struct kept now;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	scene_call(h, "c1", "q", 1000);
	assert_string_equal(hget(h, "agent:1001", "state"), "ringing");
	now = keep(h, "run1");
	now.version += 10;
	json_object_set_new(by_name(&now, "1001"), "logged_in", json_false());
	json_object_set_new(by_name(&now, "1001"), "version", json_integer(now.version));
	open_as(h, "run2");
	assert_int_equal(bring(h, "run2", "i1", &now), 1);
	assert_string_equal(hget(h, "agent:1001", "state"), "ringing");
	assert_string_equal(hget(h, "agent:1001", "logout"), "1");
	free_kept(&now);
}

static void
wrap_up_and_back_off_go_on(void **state)
{
	struct harness *h = *state;
	struct kept now;
	double at;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "wraps", "q", false);
	scene_agent(h, "rests", "q", false);
	now = keep(h, "run1");
	at = json_number_value(json_object_get(last(h), "now"));
	json_object_set_new(by_name(&now, "wraps"), "wrapup", json_integer((json_int_t)at + 9000));
	json_object_set_new(by_name(&now, "rests"), "backoff", json_integer((json_int_t)at + 9000));
	json_object_set_new(by_name(&now, "rests"), "misses", json_integer(2));
	harness_clear(h);
	open_as(h, "run1");
	bring(h, "run1", "i1", &now);
	settle_node(h, "run1");
	assert_string_equal(hget(h, "agent:wraps", "state"), "wrapup");
	assert_string_equal(hget(h, "agent:rests", "misses"), "2");
	assert_int_equal(zrank(h, "idle:q", "rests"), -1);
	advance(h, 10000);
	run_ok(h, "due_run", "{}");
	assert_string_equal(hget(h, "agent:wraps", "state"), "idle");
	assert_true(zrank(h, "idle:q", "rests") >= 0);
	free_kept(&now);
}

static void
another_pools_copy_is_refused(void **state)
{
	struct harness *h = *state;
	struct kept other;

	scene_all(h);
	other = keep(h, "run1");
	snprintf(other.born, sizeof(other.born), "5");
	open_as(h, "run2");
	run_refused(h, "other_pool", "restore_open", "{s:s, s:s, s:I, s:s}", "inc", "run2",
		    "instance", "i1", "version", other.version, "born", other.born);
	run_refused(h, "other_pool", "restore", "{s:s, s:s, s:O}", "inc", "run2", "born",
		    other.born, "objects", other.objects);
	settle_node(h, "run2");
	run_refused(h, "not_recovering", "restore_open", "{s:s, s:s, s:I, s:s}", "inc", "run2",
		    "instance", "i1", "version", other.version, "born", hget(h, "meta", "born"));
	free_kept(&other);
}

/* An instance without a copy has ended the recovery before the one with it came. */
static void
a_copy_that_comes_late(void **state)
{
	struct harness *h = *state;
	struct kept before;

	scene_all(h);
	before = keep(h, "run1");
	harness_clear(h);
	open_as(h, "run1");
	settle_node(h, "run1");
	assert_string_equal(hget(h, "meta", "state"), "ready");
	assert_int_equal(bring(h, "run1", "i1", &before), 7);
	assert_non_null(last_event(h, "pool_restored"));
	assert_string_equal(hget(h, "agent:in", "state"), "idle");
	assert_string_equal(hget(h, "meta", "restoring"), "");
	/* But not over what somebody has made meanwhile. */
	harness_clear(h);
	open_as(h, "run1");
	settle_node(h, "run1");
	scene_queue(h, "new");
	run_refused(h, "not_recovering", "restore_open", "{s:s, s:I, s:s}", "instance", "i1",
		    "version", before.version, "born", before.born);
	free_kept(&before);
}

/* Only what changed is read again, and a deletion asks to begin anew. */
static void
changes_are_followed(void **state)
{
	struct harness *h = *state;
	char config[32];

	scene_all(h);
	run_ok(h, "nodes_read", "{}");
	snprintf(config, sizeof(config), "%s", text_of(h, last(h), "config"));
	run_ok(h, "export_read", "{s:s}", "since", config);
	assert_null(json_object_get(last(h), "items"));
	run_ok(h, "agent_pause", "{s:s}", "agent", "in");
	run_ok(h, "member_remove", "{s:s, s:s}", "queue", "p", "agent", "in");
	run_ok(h, "queue_set", "{s:s, s:{s:s}}", "queue", "q", "options", "timeout", "9");
	run_ok(h, "export_read", "{s:s}", "since", config);
	assert_int_equal(json_array_size(json_object_get(last(h), "items")), 2);
	assert_true(atoll(text_of(h, last(h), "forget")) < atoll(config));
	snprintf(config, sizeof(config), "%s", text_of(h, last(h), "config"));
	/* A call of an agent's is no change of what is kept. */
	run_ok(h, "agent_unpause", "{s:s}", "agent", "in");
	run_ok(h, "nodes_read", "{}");
	snprintf(config, sizeof(config), "%s", text_of(h, last(h), "config"));
	scene_call(h, "c1", "q", 100);
	assert_string_equal(hget(h, "agent:in", "state"), "ringing");
	assert_string_equal(text_of(h, last(h), "config"), config);
	run_ok(h, "queue_delete", "{s:s}", "queue", "p");
	assert_true(atoll(hget(h, "meta", "forget")) > atoll(config));
}

/* More agents and calls than one script tells of. */
static void
recovered_in_pages(void **state)
{
	struct harness *h = *state;
	char name[16];
	size_t i, told = 0;
	json_t *event;

	scene_pool(h);
	scene_queue(h, "q");
	for (i = 0; i < 130; i++) {
		snprintf(name, sizeof(name), "g%03zu", i);
		scene_agent(h, name, NULL, true);
		snprintf(name, sizeof(name), "c%03zu", i);
		scene_call(h, name, "q", 5000);
	}
	open_as(h, "run2");
	settle_node(h, "run2");
	while (true) {
		json_array_foreach(json_object_get(last(h), "events"), i, event) told +=
			strcmp(json_string_value(json_object_get(event, "event")), "recovered") ==
			0;
		if (json_object_get(last(h), "recovery") == NULL)
			break;
		assert_string_equal(hget(h, "meta", "state"), "recovering");
		run_ok(h, "recovery", "{s:s}", "inc", "run2");
	}
	assert_non_null(last_event(h, "recovery_done"));
	assert_int_equal(told, 260);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wipe),
		cmocka_unit_test(nothing_is_claimed_before_the_end),
		cmocka_unit_test(a_known_caller_waits_for_its_queue),
		cmocka_unit_test(an_older_redis),
		cmocka_unit_test(deleted_stays_deleted),
		cmocka_unit_test(a_busy_agent_is_not_torn_off),
		cmocka_unit_test(wrap_up_and_back_off_go_on),
		cmocka_unit_test(another_pools_copy_is_refused),
		cmocka_unit_test(a_copy_that_comes_late),
		cmocka_unit_test(changes_are_followed),
		cmocka_unit_test(recovered_in_pages),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
