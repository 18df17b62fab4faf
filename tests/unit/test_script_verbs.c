/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator does with agents and calls by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqsd/view.h"
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

static void
priority_moves_a_call(void **state)
{
	struct harness *h = *state;
	char first[64], second[64];

	scene_pool(h);
	scene_queue(h, "q");
	snprintf(first, sizeof(first), "%s", scene_call(h, "c1", "q", 50000));
	snprintf(second, sizeof(second), "%s", scene_call(h, "c2", "q", 10000));
	assert_int_equal(zrank(h, "wait:q", first), 0);
	run_ok(h, "call_priority", "{s:s, s:i}", "call", second, "priority", 1);
	assert_int_equal(zrank(h, "wait:q", second), 0);
	event_is(h, "call_priority", "priority_was", "0");
	event_is(h, "call_priority", "priority", "1");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "priority"), "1");
	/* The same again is no change; the other's follows its own. */
	run_ok(h, "call_priority", "{s:s, s:i}", "call", second, "priority", 1);
	assert_int_equal(last_events(h), 0);
	run_ok(h, "call_priority", "{s:s, s:i}", "call", first, "priority", 1);
	assert_int_equal(zrank(h, "wait:q", first), 0);
	run_ok(h, "call_priority", "{s:s, s:i}", "call", second, "priority", -100);
	assert_int_equal(zrank(h, "wait:q", second), 1);
	/* Held, it comes back to the new place. */
	run_ok(h, "node_hold", "{s:s, s:s, s:b}", "node", "a1", "token", "t", "hold", 1);
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state",
	       "unreachable", "reason", "test");
	run_ok(h, "node_hold", "{s:s, s:s, s:b}", "node", "a1", "token", "t", "hold", 1);
	assert_string_equal(hget(h, "count", "q:q:held"), "2");
	run_ok(h, "call_priority", "{s:s, s:i}", "call", second, "priority", 100);
	assert_int_equal(zrank(h, "wait:q", second), -1);
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state", "up",
	       "reason", "test");
	run_ok(h, "node_hold", "{s:s, s:s, s:b, s:s}", "node", "a1", "token", "t", "hold", 0,
	       "reason", "test");
	assert_int_equal(zrank(h, "wait:q", second), 0);
	run_refused(h, "stale", "call_priority", "{s:s, s:i, s:s}", "call", second, "priority", 1,
		    "v", "1");
	run_refused(h, "no_such_call", "call_priority", "{s:s, s:i}", "call", "1-1", "priority", 1);
	run_ok(h, "call_end", "{s:s, s:s}", "call", second, "reason", "operator");
	run_refused(h, "not_waiting", "call_priority", "{s:s, s:i}", "call", second, "priority", 1);
}

static void
a_call_goes_to_another_queue(void **state)
{
	struct harness *h = *state;
	char id[64], other[64], entered[32];

	scene_pool(h);
	scene_queue(h, "q");
	scene_queue(h, "p");
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 50000));
	snprintf(entered, sizeof(entered), "%s",
		 text_of(h, json_object_get(last(h), "call"), "entered"));
	snprintf(other, sizeof(other), "%s", scene_call(h, "c2", "p", 60000));
	run_ok(h, "call_requeue", "{s:s, s:s}", "call", id, "queue", "p");
	event_is(h, "call_moved", "queue_was", "q");
	event_is(h, "call_moved", "queue", "p");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "queue"), "p");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "entered"), entered);
	assert_int_equal(zrank(h, "wait:q", id), -1);
	assert_int_equal(zrank(h, "wait:p", id), 1); /* behind who waits longer */
	assert_string_equal(hget(h, "count", "q:q:waiting"), "");
	assert_string_equal(hget(h, "count", "q:p:waiting"), "2");
	run_ok(h, "queue_delete", "{s:s}", "queue", "q");
	/* Where an agent is idle it is matched in the same step. */
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	run_ok(h, "call_requeue", "{s:s, s:s}", "call", id, "queue", "q");
	event_is(h, "offer_made", "queue", "q");
	run_refused(h, "not_waiting", "call_requeue", "{s:s, s:s}", "call", id, "queue", "p");
	run_refused(h, "no_such_queue", "call_requeue", "{s:s, s:s}", "call", other, "queue", "x");
	run_ok(h, "queue_set", "{s:s, s:{s:s}}", "queue", "q", "options", "closed", "yes");
	run_refused(h, "queue_closed", "call_requeue", "{s:s, s:s}", "call", other, "queue", "q");
}

/* What a circuit holds is held by it in the other queue, too. */
static void
a_held_call_goes_to_another_queue(void **state)
{
	struct harness *h = *state;
	char id[64];

	scene_pool(h);
	scene_queue(h, "q");
	scene_queue(h, "p");
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 50000));
	redis_do(h,
		 "HSET %scircuits a1.state shut a1.since 5 a1.ms 500 a1.at 9999999999999 a1.hold :",
		 HARNESS_PREFIX);
	redis_do(h, "ZADD %sdue 1 circuit:a1", HARNESS_PREFIX);
	run_ok(h, "due_run", "{}");
	assert_int_equal(zrank(h, "hold:q:a1", id), 0);
	run_ok(h, "call_requeue", "{s:s, s:s}", "call", id, "queue", "p");
	assert_int_equal(zrank(h, "hold:q:a1", id), -1);
	assert_int_equal(zrank(h, "hold:p:a1", id), 0);
	assert_int_equal(zrank(h, "heldq:a1", "p"), 0);
	assert_string_equal(hget(h, "count", "q:p:held"), "1");
}

static void
an_operator_offers(void **state)
{
	struct harness *h = *state;
	char first[64], second[64];

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", NULL, false);
	scene_agent(h, "1002", NULL, true);
	snprintf(first, sizeof(first), "%s", scene_call(h, "c1", "q", 50000));
	snprintf(second, sizeof(second), "%s", scene_call(h, "c2", "q", 10000));
	run_refused(h, "agent_not_free", "call_offer", "{s:s, s:s}", "call", second, "agent",
		    "1002");
	run_refused(h, "no_such_agent", "call_offer", "{s:s, s:s}", "call", second, "agent", "x");
	run_refused(h, "leaving", "call_offer", "{s:s, s:s, s:b}", "call", second, "agent", "1001",
		    "drain", 1);
	run_ok(h, "agent_pause", "{s:s}", "agent", "1001");
	run_refused(h, "agent_not_free", "call_offer", "{s:s, s:s}", "call", second, "agent",
		    "1001");
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	/* Ahead of the first, to one who is in no queue. */
	run_ok(h, "call_offer", "{s:s, s:s}", "call", second, "agent", "1001");
	event_is(h, "offer_made", "reason", "operator");
	event_is(h, "offer_made", "agent", "1001");
	assert_int_equal(json_array_size(json_object_get(last(h), "claims")), 1);
	assert_string_equal(hget(h, "agent:1001", "state"), "ringing");
	run_refused(h, "not_waiting", "call_offer", "{s:s, s:s}", "call", second, "agent", "1001");
	run_refused(h, "agent_not_free", "call_offer", "{s:s, s:s}", "call", first, "agent",
		    "1001");
	/* Not answered it waits at its old place. */
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       second, "channel", hget(h, "agent:1001", "leg"), "reason", "busy");
	assert_int_equal(zrank(h, "wait:q", second), 1);
	redis_do(h, "HSET %smeta state recovering", HARNESS_PREFIX);
	run_refused(h, "recovering", "call_offer", "{s:s, s:s}", "call", first, "agent", "1001");
}

static void
a_conversation_is_transferred(void **state)
{
	struct harness *h = *state;
	struct offered o = talk(h);
	char entered[32];

	snprintf(entered, sizeof(entered), "%s",
		 text_of(h, json_object_get(last(h), "call"), "entered"));
	scene_queue(h, "p");
	scene_agent(h, "1002", "p", false);
	run_refused(h, "no_such_queue", "call_transfer", "{s:s, s:s}", "call", o.call, "queue",
		    "x");
	/* The owner is told to hang up the leg; until that is gone they talk. */
	run_ok(h, "call_transfer", "{s:s, s:s}", "call", o.call, "queue", "p");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "transfer"), "p");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "state"), "talking");
	assert_int_equal(last_events(h), 0);
	gone(h, &o, o.leg, "gone");
	assert_null(last_event(h, "call_ended"));
	event_is(h, "call_transferred", "queue_was", "q");
	event_is(h, "call_transferred", "queue", "p");
	event_is(h, "call_transferred", "agent", "1001");
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
	assert_string_equal(hget(h, "count", "q:q:talking"), "");
	/* The time of entering stays, and so does the bridge, which the node may have still. */
	event_is(h, "offer_made", "agent", "1002");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "entered"), entered);
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "queue"), "p");
	assert_non_null(json_object_get(json_object_get(last(h), "call"), "bridge"));
	assert_null(json_object_get(json_object_get(last(h), "call"), "bridged"));
	assert_null(json_object_get(json_object_get(last(h), "call"), "transfer"));
	assert_null(json_object_get(json_object_get(last(h), "call"), "leg_open"));
	run_refused(h, "not_talking", "call_transfer", "{s:s, s:s}", "call", o.call, "queue", "p");
}

/* Asked of another mqsd than the node's owner, who finds it where it finds all that others change.
 */
static void
a_transfer_asked_elsewhere(void **state)
{
	struct harness *h = *state;
	struct offered o = talk(h);
	const json_t *call;

	run_ok(h, "call_transfer", "{s:s, s:s, s:s}", "call", o.call, "queue", "q", "instance",
	       "i2");
	run_ok(h, "node_todo", "{s:s, s:s}", "node", "a1", "token", "t");
	call = json_array_get(json_object_get(last(h), "calls"), 0);
	assert_string_equal(text_of(h, call, "id"), o.call);
	assert_string_equal(text_of(h, call, "transfer"), "q");
}

/* Into a queue that the agent is in, too: it is not the next who is rung, and is said to rest. */
static void
the_agent_is_not_rung_again(void **state)
{
	struct harness *h = *state;
	struct offered o = talk(h);

	run_ok(h, "call_transfer", "{s:s, s:s}", "call", o.call, "queue", "q");
	gone(h, &o, o.leg, "gone");
	assert_null(last_event(h, "offer_made"));
	event_is(h, "agent_state", "new", "idle");
	event_is(h, "agent_state", "backoff_ms", "5000");
	assert_int_equal(zrank(h, "wait:q", o.call), 0);
	advance(h, 5001);
	run_ok(h, "due_run", "{}");
	event_is(h, "offer_made", "agent", "1001");
}

/* The caller leaves first: it is the end of a call like any other. */
static void
the_caller_leaves_a_transfer(void **state)
{
	struct harness *h = *state;
	struct offered o = talk(h);

	run_ok(h, "call_transfer", "{s:s, s:s}", "call", o.call, "queue", "q");
	gone(h, &o, "c1", "hangup");
	event_is(h, "call_ended", "reason", "caller_left");
	gone(h, &o, o.leg, "gone");
	assert_null(last_event(h, "call_transferred"));
	assert_true(json_is_true(json_object_get(last(h), "forgotten")));
}

/* The last pages of a trace, gathered; the caller's. */
static json_t *
trace(struct harness *h, const char *call, size_t *pages)
{
	json_t *all = json_array(), *cursor = NULL;

	for (*pages = 1;; (*pages)++) {
		run_ok(h, "call_trace", "{s:s, s:O*}", "call", call, "cursor", cursor);
		json_decref(cursor);
		json_array_extend(all, json_object_get(last(h), "items"));
		cursor = json_incref(json_object_get(last(h), "cursor"));
		if (cursor == NULL)
			return all;
	}
}

static void
the_story_of_a_call(void **state)
{
	static const char *const story[] = {"call_entered",  "offer_made",    "agent_state",
					    "offer_dialled", "call_answered", "agent_state",
					    "call_bridged",  "call_ended",    "agent_state"};
	struct harness *h = *state;
	struct offered o = talk(h);
	size_t pages, i;
	json_t *events;

	gone(h, &o, o.leg, "gone");
	for (i = 0; i < 700; i++)
		redis_do(h, "XADD %sevents * json %s", HARNESS_PREFIX,
			 "{\"event\":\"agent_state\",\"agent\":\"x\",\"at\":1}");
	scene_call(h, "c2", "q", 0); /* another's events are none of this one's */
	events = trace(h, o.call, &pages);
	assert_int_equal(pages, 3);
	assert_int_equal(json_array_size(events), sizeof(story) / sizeof(story[0]));
	for (i = 0; i < json_array_size(events); i++) {
		assert_string_equal(text_of(h, json_array_get(events, i), "event"), story[i]);
		assert_true(*text_of(h, json_array_get(events, i), "id") != '\0');
	}
	json_decref(events);
	run_ok(h, "call_trace", "{s:s}", "call", "1000000000000000-0000001");
	assert_true(json_is_true(json_object_get(last(h), "cut")));
	assert_null(json_object_get(last(h), "items"));
	run_refused(h, "no_such_call", "call_trace", "{s:s}", "call", "x");
}

static void
call_why(struct harness *h, const char *call, const char *why)
{
	assert_string_equal(text_of(h, shown(h, &view_call, call), "why"), why);
}

static void
agent_why(struct harness *h, const char *agent, const char *why)
{
	assert_string_equal(text_of(h, shown(h, &view_agent, agent), "why"), why);
}

static void
why_a_call_waits(void **state)
{
	struct harness *h = *state;
	char first[64], second[64];

	scene_pool(h);
	scene_queue(h, "q");
	snprintf(first, sizeof(first), "%s", scene_call(h, "c1", "q", 50000));
	snprintf(second, sizeof(second), "%s", scene_call(h, "c2", "q", 10000));
	call_why(h, first, "It is the first in queue q: the queue has no members.");
	scene_agent(h, "1001", "q", true);
	call_why(h, first, "It is the first in queue q: its one member is not logged in.");
	scene_agent(h, "1002", "q", true);
	call_why(h, second, "It is number 2 in queue q: none of its 2 members is logged in.");
	run_ok(h, "agent_pause", "{s:s, s:s}", "agent", "1002", "reason", "lunch");
	run_ok(h, "agent_login", "{s:s}", "agent", "1002");
	run_ok(h, "agent_login", "{s:s}", "agent", "1001");
	call_why(h, first, "It is offered to agent 1001.");
	scene_agent(h, "1003", NULL, false);
	run_ok(h, "member_add", "{s:s, s:s}", "queue", "q", "agent", "1003");
	scene_agent(h, "1004", NULL, false);
	run_ok(h, "call_end", "{s:s, s:s}", "call", first, "reason", "operator");
	snprintf(first, sizeof(first), "%s", scene_call(h, "c3", "q", 1000));
	call_why(h, first, "It is the first in queue q: no member is free (2 ring, 1 is paused).");
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state",
	       "unreachable", "reason", "test");
	run_ok(h, "node_hold", "{s:s, s:s, s:b}", "node", "a1", "token", "t", "hold", 1);
	call_why(h, first,
		 "It is held: its node a1 is unreachable; it is offered again, at its place, when "
		 "that is back.");
	redis_do(h, "HSET %scall:%s held_reason kamailio_failing", HARNESS_PREFIX, first);
	call_why(h, first,
		 "It is held: no node reaches a phone through Kamailio: one call at a time tries; "
		 "it "
		 "is offered again, at its place, when one got through.");
	redis_do(h, "HSET %scall:%s held_reason retry retry %.0f", HARNESS_PREFIX, first,
		 atof(hget(h, "meta", "now")) + 1e9);
	call_why(h, first,
		 "It is held: its last offer failed on the way to a phone; it is offered again, at "
		 "its place, in 1000000 s.");
}

static void
why_an_agent_gets_no_call(void **state)
{
	struct harness *h = *state;
	struct offered o = talk(h);
	char why[128];

	snprintf(why, sizeof(why), "It talks in call %s.", o.call);
	agent_why(h, "1001", why);
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1001", "options", "wrapuptime", "60");
	gone(h, &o, o.leg, "gone");
	assert_memory_equal(text_of(h, shown(h, &view_agent, "1001"), "why"),
			    "It wraps up for another ", 24);
	run_ok(h, "agent_wrapup_end", "{s:s}", "agent", "1001");
	agent_why(h, "1001", "It is free; nobody waits in its queues.");
	run_ok(h, "member_pause", "{s:s, s:s}", "queue", "q", "agent", "1001");
	agent_why(h, "1001", "It is free, and paused in each of its queues.");
	run_ok(h, "member_remove", "{s:s, s:s}", "queue", "q", "agent", "1001");
	agent_why(h, "1001", "It is free, and in no queue.");
	run_ok(h, "agent_pause", "{s:s, s:s}", "agent", "1001", "reason", "lunch");
	agent_why(h, "1001", "It is paused: lunch.");
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	redis_do(h, "HSET %sagent:1001 unreachable 1", HARNESS_PREFIX);
	agent_why(h, "1001", "Its phone could not be reached; its next registration ends that.");
	scene_agent(h, "1002", NULL, true);
	agent_why(h, "1002", "It is logged out.");
	run_ok(h, "agent_set", "{s:s, s:{s:s}}", "agent", "1002", "options", "login", "register");
	agent_why(h, "1002", "It is logged out: its phone is not registered.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrapup_ends_at_once),
		cmocka_unit_test(priority_moves_a_call),
		cmocka_unit_test(a_call_goes_to_another_queue),
		cmocka_unit_test(a_held_call_goes_to_another_queue),
		cmocka_unit_test(an_operator_offers),
		cmocka_unit_test(a_conversation_is_transferred),
		cmocka_unit_test(a_transfer_asked_elsewhere),
		cmocka_unit_test(the_agent_is_not_rung_again),
		cmocka_unit_test(the_caller_leaves_a_transfer),
		cmocka_unit_test(the_story_of_a_call),
		cmocka_unit_test(why_a_call_waits),
		cmocka_unit_test(why_an_agent_gets_no_call),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
