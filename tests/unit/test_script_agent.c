/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mqsd/view.h"
#include "tests/unit/script_harness.h"

/* The scripts that edit and read agents. */
static void
event_is(struct harness *h, const char *name, const char *key, const char *value)
{
	const json_t *event = last_event(h, name);

	if (event == NULL)
		fail_msg("no event %s", name);
	assert_string_equal(text_of(h, event, key), value);
}

static const json_t *
agent(struct harness *h, const char *name)
{
	return shown(h, &view_agent, name);
}

static void
agent_is(struct harness *h, const char *name, const char *key, const char *value)
{
	assert_string_equal(text_of(h, agent(h, name), key), value);
}

static const char *
counter(struct harness *h, const char *field)
{
	return hget(h, "count", field);
}

static void
add_and_remove(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	run_ok(h, "agent_add", "{s:s, s:s, s:s, s:s}", "agent", "1001", "address", "sip:1001@h",
	       "login", "register", "wrapuptime", "7");
	event_is(h, "agent_added", "address", "sip:1001@h");
	agent_is(h, "1001", "state", "logged_out");
	agent_is(h, "1001", "login", "register");
	agent_is(h, "1001", "wrapuptime", "7");
	assert_string_equal(counter(h, "a:logged_out"), "1");
	run_refused(h, "agent_exists", "agent_add", "{s:s, s:s}", "agent", "1001", "address", "x");
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	assert_true(json_is_true(json_object_get(last(h), "changed")));
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	assert_true(json_is_false(json_object_get(last(h), "changed")));
	run_ok(h, "member_add", "{s:s, s:s}", "queue", "q", "agent", "1001");
	run_ok(h, "agent_pause", "{s:s}", "agent", "1001");
	run_ok(h, "agent_remove", "{s:s}", "agent", "1001");
	assert_non_null(last_event(h, "agent_removed"));
	/* As it was before it was logged out to be removed. */
	assert_string_equal(text_of(h, json_object_get(last(h), "agent"), "logged_in"), "true");
	assert_string_equal(text_of(h, json_object_get(last(h), "agent"), "paused"), "paused");
	assert_string_equal(
		text_of(h, json_object_get(json_object_get(last(h), "agent"), "members"), "q"),
		"0");
	/* Nothing of it is left: no key, no index, no counter. */
	assert_false(key_exists(h, "agent:1001"));
	assert_false(key_exists(h, "memberof:1001"));
	assert_false(key_exists(h, "members:q"));
	assert_false(key_exists(h, "idle:q"));
	assert_false(key_exists(h, "agents"));
	assert_false(key_exists(h, "count"));
	run_refused(h, "no_such_agent", "agent_remove", "{s:s}", "agent", "1001");
}

static void
unknown_agents_are_refused(void **state)
{
	static const char *const scripts[] = {"agent_login",   "agent_logout", "agent_pause",
					      "agent_unpause", "agent_reset",  "agent_remove"};
	struct harness *h = *state;
	size_t i;

	scene_pool(h);
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		run_refused(h, "no_such_agent", scripts[i], "{s:s}", "agent", "nobody");
	run_refused(h, "no_such_agent", "agent_read", "{s:s, s:[s]}", "agent", "nobody", "fields",
		    "name");
	run_refused(h, "no_such_agent", "agent_set", "{s:s, s:{}}", "agent", "nobody", "options");
}

static void
log_in_and_out(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", true);
	assert_int_equal(zrank(h, "idle:q", "1001"), -1);
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	event_is(h, "agent_state", "new", "idle");
	assert_int_equal(zrank(h, "idle:q", "1001"), 0);
	assert_string_equal(counter(h, "q:q:logged_in"), "1");
	/* Again is no error and no event. */
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	assert_int_equal(last_events(h), 0);
	run_ok(h, "agent_logout", "{s:s}", "agent", "1001");
	event_is(h, "agent_state", "new", "logged_out");
	assert_int_equal(zrank(h, "idle:q", "1001"), -1);
	assert_string_equal(counter(h, "q:q:logged_in"), "");
	run_ok(h, "agent_logout", "{s:s}", "agent", "1001");
	assert_int_equal(last_events(h), 0);
}

/* One call for 1001, in state ringing. */
static const char *
ring(struct harness *h, char *id, size_t size)
{
	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	snprintf(id, size, "%s", scene_call(h, "c1", "q", 0));
	assert_string_equal(hget(h, "agent:1001", "state"), "ringing");
	return hget(h, "agent:1001", "leg");
}

static void
logout_waits_for_the_call(void **state)
{
	struct harness *h = *state;
	char id[64], leg[80];

	snprintf(leg, sizeof(leg), "%s", ring(h, id, sizeof(id)));
	run_ok(h, "leg_answer", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", id,
	       "leg", leg);
	run_ok(h, "call_bridged", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", id,
	       "leg", leg);
	run_ok(h, "agent_logout", "{s:s}", "agent", "1001");
	assert_int_equal(last_events(h), 0);
	agent_is(h, "1001", "state", "talking");
	run_refused(h, "agent_busy", "agent_remove", "{s:s}", "agent", "1001");
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", leg, "reason", "gone");
	agent_is(h, "1001", "state", "logged_out");
	/* It was one logout, not one for ever. */
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	agent_is(h, "1001", "state", "idle");
	assert_string_equal(hget(h, "agent:1001", "logout"), "");
}

/* What the agent's phone asked for, and what it is now. */
static void
dials(struct harness *h, const char *what, const char *reason, const char *now)
{
	static unsigned calls;
	char channel[16];

	snprintf(channel, sizeof(channel), "p%u", calls++);
	run_ok(h, "agent_code", "{s:s, s:s, s:s, s:s}", "agent", "1001", "channel", channel, "what",
	       what, "reason", reason);
	assert_string_equal(text_of(h, last(h), "outcome"), now);
}

static void
a_phone_turns_login_and_pause(void **state)
{
	struct harness *h = *state;
	int i;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", true);
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "login", "register");
	dials(h, "login", "", "logged_in");
	event_is(h, "agent_state", "reason", "phone");
	assert_int_equal(last_events(h), 1);
	dials(h, "login", "", "logged_out");
	event_is(h, "agent_state", "reason", "phone");
	/* A phone that registers again and again does not undo it. */
	scene_heard(h, "reg", "1001");
	dials(h, "login", "", "logged_out");
	scene_heard(h, "reg", "1001");
	agent_is(h, "1001", "state", "logged_out");
	dials(h, "login", "", "logged_in");
	dials(h, "pause", "", "paused");
	event_is(h, "agent_paused", "reason", "phone");
	event_is(h, "agent_paused", "by", "phone");
	assert_int_equal(last_events(h), 1);
	/* Another reason does not end it, the same one does, and so does none. */
	dials(h, "pause", "lunch", "paused");
	agent_is(h, "1001", "pause_reason", "lunch");
	dials(h, "pause", "lunch", "unpaused");
	event_is(h, "agent_unpaused", "by", "phone");
	agent_is(h, "1001", "pause_reason", "");
	dials(h, "pause", "lunch", "paused");
	dials(h, "pause", "", "unpaused");
	/* Asked twice about one call of the phone. */
	for (i = 0; i < 2; i++) {
		run_ok(h, "agent_code", "{s:s, s:s, s:s}", "agent", "1001", "channel", "c", "what",
		       "login");
		assert_string_equal(text_of(h, last(h), "outcome"), "logged_out");
	}
	assert_int_equal(last_events(h), 0);
	run_refused(h, "not_in_wrapup", "agent_code", "{s:s, s:s, s:s}", "agent", "1001", "channel",
		    "d", "what", "wrapup");
	run_refused(h, "no_such_agent", "agent_code", "{s:s, s:s, s:s}", "agent", "nobody",
		    "channel", "e", "what", "login");
}

static void
a_phone_in_a_call(void **state)
{
	struct harness *h = *state;
	char id[64], leg[80];

	snprintf(leg, sizeof(leg), "%s", ring(h, id, sizeof(id)));
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "wrapuptime", "60");
	run_ok(h, "leg_answer", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", id,
	       "leg", leg);
	run_ok(h, "call_bridged", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", id,
	       "leg", leg);
	/* At its end; and not, when asked for again. */
	dials(h, "login", "", "logged_out");
	dials(h, "login", "", "logged_in");
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", leg, "reason", "gone");
	agent_is(h, "1001", "state", "wrapup");
	/* Who waits is offered in the same step. */
	scene_call(h, "c2", "q", 0);
	dials(h, "wrapup", "", "ready");
	event_is(h, "agent_state", "reason", "phone");
	assert_non_null(last_event(h, "offer_made"));
	agent_is(h, "1001", "state", "ringing");
}

static void
pause_and_unpause(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	scene_agent(h, "1002", "q", false);
	run_ok(h, "agent_pause", "{s:s, s:s}", "agent", "1001", "reason", "lunch");
	assert_null(json_object_get(last(h), "before"));
	event_is(h, "agent_paused", "reason", "lunch");
	agent_is(h, "1001", "paused", "true");
	agent_is(h, "1001", "pause_reason", "lunch");
	agent_is(h, "1001", "state", "idle");
	assert_int_equal(zrank(h, "idle:q", "1001"), -1);
	assert_string_equal(counter(h, "a:paused"), "1");
	/* Another reason is another event, but no second agent. */
	run_ok(h, "agent_pause", "{s:s, s:s}", "agent", "1001", "reason", "training");
	assert_string_equal(text_of(h, last(h), "before"), "lunch");
	assert_int_equal(last_events(h), 1);
	assert_string_equal(counter(h, "a:paused"), "1");
	/* A pause is not time spent idle: it comes back behind the one that was there. */
	advance(h, 5000);
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	assert_string_equal(text_of(h, last(h), "before"), "training");
	event_is(h, "agent_unpaused", "reason", "training");
	assert_int_equal(zrank(h, "idle:q", "1002"), 0);
	assert_int_equal(zrank(h, "idle:q", "1001"), 1);
	assert_string_equal(counter(h, "a:paused"), "");
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	assert_null(json_object_get(last(h), "before"));
	assert_int_equal(last_events(h), 0);
}

static void
options_are_set_together(void **state)
{
	struct harness *h = *state;
	char v[32];

	scene_pool(h);
	scene_agent(h, "1001", NULL, true);
	snprintf(v, sizeof(v), "%s", text_of(h, agent(h, "1001"), "v"));
	run_ok(h, "agent_set", "{s:s, s:{s:s, s:s}, s:s}", "agent", "1001", "options", "wrapuptime",
	       "9", "address", "sip:x@y", "v", v);
	/* The address was that already: one event, with the old value. */
	assert_int_equal(last_events(h), 1);
	event_is(h, "agent_changed", "option", "wrapuptime");
	event_is(h, "agent_changed", "was", "0");
	assert_string_equal(text_of(h, json_object_get(last(h), "was"), "wrapuptime"), "0");
	assert_int_equal(json_object_size(json_object_get(last(h), "was")), 1);
	agent_is(h, "1001", "wrapuptime", "9");
	run_refused(h, "stale", "agent_set", "{s:s, s:{s:s}, s:s}", "agent", "1001", "options",
		    "wrapuptime", "1", "v", v);
}

static void
reset_forgets_the_call(void **state)
{
	struct harness *h = *state;
	char id[64], leg[80];

	snprintf(leg, sizeof(leg), "%s", ring(h, id, sizeof(id)));
	run_ok(h, "agent_pause", "{s:s}", "agent", "1001"); /* or it had the same call again */
	run_ok(h, "agent_reset", "{s:s}", "agent", "1001");
	event_is(h, "agent_reset", "call", id);
	agent_is(h, "1001", "state", "idle");
	agent_is(h, "1001", "call", "");
	/* The end of the leg is no longer the agent's concern. */
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", leg, "reason", "no_answer");
	assert_null(last_event(h, "agent_state"));
	agent_is(h, "1001", "state", "idle");
	assert_int_equal(zrank(h, "wait:q", id), 0);
	/* It also ends back-off and unreachability. */
	redis_do(h, "HSET %sagent:1001 unreachable 1 backoff 9999999999999 misses 3",
		 HARNESS_PREFIX);
	redis_do(h, "HINCRBY %scount a:unreachable 1", HARNESS_PREFIX);
	run_ok(h, "agent_reset", "{s:s}", "agent", "1001");
	event_is(h, "agent_reachable", "reason", "reset");
	agent_is(h, "1001", "backoff_ms", "0");
	agent_is(h, "1001", "misses", "0");
	assert_string_equal(counter(h, "a:unreachable"), "");
}

static void
registrations(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	scene_agent(h, "1001", NULL, true);
	scene_heard(h, "reg", "nobody");
	assert_int_equal(last_events(h), 0);
	/* Of an agent with login=manual: noted, and no more. */
	scene_heard(h, "reg", "1001");
	assert_non_null(last_event(h, "agent_registered"));
	agent_is(h, "1001", "registered", "true");
	agent_is(h, "1001", "state", "logged_out");
	scene_heard(h, "reg", "1001");
	assert_int_equal(last_events(h), 0);
	/* Told to follow its phone, which is registered, it is logged in. */
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "login", "register");
	assert_true(json_is_true(json_object_get(last(h), "logged_in")));
	agent_is(h, "1001", "state", "idle");
	scene_heard(h, "expired", "1001");
	event_is(h, "agent_unregistered", "reason", "expired");
	agent_is(h, "1001", "state", "logged_out");
	scene_heard(h, "reg", "1001");
	agent_is(h, "1001", "state", "idle");
	/* A refresh does not undo what the operator did. */
	run_ok(h, "agent_logout", "{s:s}", "agent", "1001");
	scene_heard(h, "reg", "1001");
	agent_is(h, "1001", "state", "logged_out");
}

/* What came while nobody looked is taken in its order, in pages; whoever looks again finds nothing.
 */
static void
registrations_in_pages(void **state)
{
	struct harness *h = *state;
	int i, pages = 0;

	scene_pool(h);
	scene_agent(h, "1001", NULL, true);
	for (i = 0; i < 19; i++)
		redis_do(h, "XADD %sreg * ev %s aor 1001", HARNESS_PREFIX,
			 i % 2 == 0 ? "reg" : "unreg");
	redis_do(h, "XADD %sreg * something else", HARNESS_PREFIX);
	redis_do(h, "XADD %sreg * ev reg aor %s", HARNESS_PREFIX,
		 "a-name-that-is-longer-than-any-agents-name-can-ever-be-in-this-system-here");
	do {
		run_ok(h, "registrations", "{}");
		pages++;
	} while (json_is_true(json_object_get(last(h), "again")));
	assert_int_equal(pages, 2);
	assert_int_equal(last_events(h), 3);
	agent_is(h, "1001", "registered", "true");
	run_ok(h, "registrations", "{s:s}", "instance", "i2");
	assert_int_equal(last_events(h), 0);
}

static void
registrations_during_a_call(void **state)
{
	struct harness *h = *state;
	char id[64], leg[80];

	snprintf(leg, sizeof(leg), "%s", ring(h, id, sizeof(id)));
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "login", "register");
	scene_heard(h, "reg", "1001");
	run_ok(h, "leg_answer", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", id,
	       "leg", leg);
	scene_heard(h, "unreg", "1001");
	agent_is(h, "1001", "state", "talking");
	assert_string_equal(hget(h, "agent:1001", "logout"), "1");
	/* Back before the call's end: it stays. */
	scene_heard(h, "reg", "1001");
	assert_string_equal(hget(h, "agent:1001", "logout"), "");
	scene_heard(h, "unreg", "1001");
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", leg, "reason", "gone");
	agent_is(h, "1001", "state", "logged_out");
}

static void
a_registration_makes_reachable(void **state)
{
	struct harness *h = *state;
	char id[64], leg[80];

	snprintf(leg, sizeof(leg), "%s", ring(h, id, sizeof(id)));
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s, s:i}", "node", "a1", "token", "t",
	       "call", id, "channel", leg, "reason", "unreachable", "sip_status", 480);
	event_is(h, "agent_unreachable", "sip_status", "480");
	agent_is(h, "1001", "unreachable", "true");
	agent_is(h, "1001", "misses", "0");
	assert_string_equal(counter(h, "a:unreachable"), "1");
	assert_int_equal(zrank(h, "idle:q", "1001"), -1);
	/* The match is made in the same step: the call waits for it. */
	scene_heard(h, "reg", "1001");
	assert_non_null(last_event(h, "agent_reachable"));
	event_is(h, "offer_made", "agent", "1001");
	assert_string_equal(counter(h, "a:unreachable"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add_and_remove),
		cmocka_unit_test(unknown_agents_are_refused),
		cmocka_unit_test(log_in_and_out),
		cmocka_unit_test(logout_waits_for_the_call),
		cmocka_unit_test(a_phone_turns_login_and_pause),
		cmocka_unit_test(a_phone_in_a_call),
		cmocka_unit_test(pause_and_unpause),
		cmocka_unit_test(options_are_set_together),
		cmocka_unit_test(reset_forgets_the_call),
		cmocka_unit_test(registrations),
		cmocka_unit_test(registrations_in_pages),
		cmocka_unit_test(registrations_during_a_call),
		cmocka_unit_test(a_registration_makes_reachable),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
