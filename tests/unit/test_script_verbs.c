/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator does with agents and calls by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/script_harness.h"

static void
event_is(struct harness *h, const char *name, const char *key, const char *value)
{
	const json_t *event = last_event(h, name);

	if (event == NULL)
		fail_msg("no event %s", name);
	assert_string_equal(text_of(h, event, key), value);
}

/* A call on a1; its offer, if there is one. */
struct offered {
	char call[64], leg[80];
};

static void
on_leg(struct harness *h, const char *script, const struct offered *o)
{
	run_ok(h, script, "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", o->call,
	       "leg", o->leg);
}

static void
gone(struct harness *h, const struct offered *o, const char *channel, const char *reason)
{
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       o->call, "channel", channel, "reason", reason);
}

/* c1 of queue q talks to 1001. */
static struct offered
talk(struct harness *h)
{
	struct offered o;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	snprintf(o.call, sizeof(o.call), "%s", scene_call(h, "c1", "q", 1000));
	snprintf(o.leg, sizeof(o.leg), "%s", hget(h, "agent:1001", "leg"));
	on_leg(h, "leg_start", &o);
	on_leg(h, "leg_answer", &o);
	on_leg(h, "call_bridged", &o);
	return o;
}

static void
wrapup_ends_at_once(void **state)
{
	struct harness *h = *state;
	struct offered o = talk(h);
	char next[64];

	run_refused(h, "not_in_wrapup", "agent_wrapup_end", "{s:s}", "agent", "1001");
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "wrapuptime", "60");
	gone(h, &o, o.leg, "gone");
	assert_string_equal(hget(h, "agent:1001", "state"), "wrapup");
	snprintf(next, sizeof(next), "%s", scene_call(h, "c2", "q", 500));
	assert_null(last_event(h, "offer_made"));
	run_ok(h, "agent_wrapup_end", "{s:s}", "agent", "1001");
	event_is(h, "agent_state", "reason", "wrapup_ended");
	event_is(h, "agent_state", "old", "wrapup");
	/* The match is made in the same step, and nothing ends the wrap-up again. */
	event_is(h, "offer_made", "call", next);
	assert_int_equal(zrank(h, "due", "agent:1001"), -1);
	run_refused(h, "not_in_wrapup", "agent_wrapup_end", "{s:s}", "agent", "1001");
	run_refused(h, "no_such_agent", "agent_wrapup_end", "{s:s}", "agent", "x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrapup_ends_at_once),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
