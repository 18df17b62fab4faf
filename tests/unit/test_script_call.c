/* SPDX-License-Identifier: BSD-2-Clause */
/* The scripts of a call's life, of nodes and of the pool: normal course, repetition, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/script_harness.h"

static const char *const owned[] = {"node_state", "node_hold",	  "call_enter",	  "leg_start",
				    "leg_answer", "call_bridged", "channel_gone", "call_adopt"};

/* A call on a1, in state ringing at 1001. */
struct ring {
	char call[64], leg[80];
};

static struct ring
ring(struct harness *h)
{
	struct ring r;

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	snprintf(r.call, sizeof(r.call), "%s", scene_call(h, "c1", "q", 1000));
	snprintf(r.leg, sizeof(r.leg), "%s", hget(h, "agent:1001", "leg"));
	return r;
}

static void
on_leg(struct harness *h, const char *script, const struct ring *r)
{
	run_ok(h, script, "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call", r->call,
	       "leg", r->leg);
}

static void
gone(struct harness *h, const struct ring *r, const char *channel, const char *reason)
{
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       r->call, "channel", channel, "reason", reason);
}

static void
ended_is(struct harness *h, const char *reason)
{
	const json_t *event = last_event(h, "call_ended");

	if (event == NULL)
		fail_msg("the call did not end, it was to, by %s", reason);
	assert_string_equal(text_of(h, event, "reason"), reason);
}

/* Nothing of the call is left in any index or counter; its record is for the events only. */
static void
nothing_left(struct harness *h)
{
	assert_string_equal(text_of(h, last(h), "forgotten"), "true");
	assert_false(key_exists(h, "live:q"));
	assert_false(key_exists(h, "wait:q"));
	assert_false(key_exists(h, "on:a1"));
	assert_false(key_exists(h, "offers:a1"));
	assert_false(key_exists(h, "chan:a1:c1"));
	assert_string_equal(hget(h, "count", "q:q:talking"), "");
	assert_string_equal(hget(h, "count", "n:a1:ringing"), "");
}

static void
a_whole_call(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	char key[96];

	snprintf(key, sizeof(key), "call:%s", r.call);
	assert_string_equal(hget(h, key, "state"), "ringing");
	on_leg(h, "leg_start", &r);
	assert_non_null(last_event(h, "offer_dialled"));
	on_leg(h, "leg_start", &r); /* the reply was lost: once more changes nothing */
	assert_int_equal(last_events(h), 0);
	on_leg(h, "leg_answer", &r);
	assert_string_equal(text_of(h, last_event(h, "call_answered"), "agent"), "1001");
	assert_string_equal(hget(h, "agent:1001", "state"), "talking");
	assert_false(key_exists(h, "offers:a1"));
	on_leg(h, "leg_answer", &r);
	assert_int_equal(last_events(h), 0);
	on_leg(h, "call_bridged", &r);
	assert_non_null(last_event(h, "call_bridged"));
	on_leg(h, "call_bridged", &r);
	assert_int_equal(last_events(h), 0);
	advance(h, 5000);
	gone(h, &r, "c1", "hangup");
	ended_is(h, "caller_left");
	assert_true(json_number_value(json_object_get(last_event(h, "call_ended"), "talk_ms")) >=
		    5000);
	assert_true(json_number_value(json_object_get(last_event(h, "call_ended"), "wait_ms")) <
		    4000);
	/* The agent is taken until its leg is gone too. */
	assert_string_equal(hget(h, "agent:1001", "state"), "talking");
	assert_null(json_object_get(last(h), "forgotten"));
	gone(h, &r, r.leg, "gone");
	assert_null(last_event(h, "call_ended"));
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
	nothing_left(h);
}

/* The agent answered, and left before it was joined with the caller: an offer that failed. */
static void
an_agent_leaves_before_the_bridge(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	char key[96], bridge[96], score[32];
	const json_t *event;

	snprintf(key, sizeof(key), "call:%s", r.call);
	snprintf(score, sizeof(score), "%s", hget(h, key, "score"));
	redis_do(h, "HSET %squeue:q rejectdelay 2 wrapuptime 9", HARNESS_PREFIX);
	redis_do(h, "HSET %sagent:1001 misses 1", HARNESS_PREFIX);
	scene_call(h, "c2", "q", 500);
	on_leg(h, "leg_start", &r);
	on_leg(h, "leg_answer", &r);
	snprintf(bridge, sizeof(bridge), "%s", hget(h, key, "bridge"));
	gone(h, &r, r.leg, "gone");
	assert_null(last_event(h, "call_ended"));
	event = last_event(h, "offer_failed");
	assert_non_null(event);
	assert_string_equal(text_of(h, event, "reason"), "agent_left");
	assert_string_equal(text_of(h, event, "agent"), "1001");
	assert_string_equal(text_of(h, event, "leg"), r.leg);
	/* It waits at its place, before the one that came later; where it was to be joined is
	 * known. */
	assert_string_equal(hget(h, key, "state"), "waiting");
	assert_string_equal(hget(h, key, "score"), score);
	assert_int_equal(zrank(h, "wait:q", r.call), 0);
	assert_string_equal(hget(h, key, "leg"), "");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "bridge"), bridge);
	/* No rest after a talk that was none, no miss, and no other call at once. */
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
	assert_string_equal(hget(h, "agent:1001", "misses"), "0");
	assert_string_equal(text_of(h, last_event(h, "agent_state"), "backoff_ms"), "2000");
	/* Late replies find nothing to act on. */
	run_refused(h, "not_live", "leg_answer", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		    "call", r.call, "leg", r.leg);
	run_refused(h, "not_live", "call_bridged", "{s:s, s:s, s:s, s:s}", "node", "a1", "token",
		    "t", "call", r.call, "leg", r.leg);
	gone(h, &r, r.leg, "gone");
	assert_int_equal(last_events(h), 0);
	/* The next agent gets it first. */
	scene_agent(h, "1002", "q", false);
	assert_string_equal(hget(h, "agent:1002", "call"), r.call);
	gone(h, &r, "c1", "hangup");
	ended_is(h, "abandoned");
}

/* Its phone is not asked again before it registers; a node that is out of reach holds the call. */
static void
a_phone_vanishes_before_the_bridge(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	char key[96];

	snprintf(key, sizeof(key), "call:%s", r.call);
	on_leg(h, "leg_answer", &r);
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state",
	       "unreachable", "reason", "test");
	gone(h, &r, r.leg, "vanished");
	assert_string_equal(text_of(h, last_event(h, "offer_failed"), "reason"), "vanished");
	assert_string_equal(text_of(h, last_event(h, "call_held"), "state"), "talking");
	assert_string_equal(hget(h, key, "state"), "held");
	assert_string_equal(hget(h, "agent:1001", "unreachable"), "1");
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
}

/* Whom mqsd has seen together talked, though Redis had not been told. */
static void
a_bridge_that_redis_was_not_told_of(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	char key[96], bridge[96];

	snprintf(key, sizeof(key), "call:%s", r.call);
	on_leg(h, "leg_answer", &r);
	snprintf(bridge, sizeof(bridge), "%s", hget(h, key, "bridge"));
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
	       "call", r.call, "channel", r.leg, "reason", "gone", "met", bridge);
	assert_non_null(last_event(h, "call_bridged"));
	ended_is(h, "agent_left");
	/* Another bridge says nothing of this one. */
	r = ring(h);
	on_leg(h, "leg_answer", &r);
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
	       "call", r.call, "channel", "c1", "reason", "hangup", "met", bridge);
	ended_is(h, "abandoned");
	assert_string_equal(text_of(h, last_event(h, "call_ended"), "talk_ms"), "0");
}

static void
reasons_of_the_end(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);

	gone(h, &r, "c1", "hangup");
	ended_is(h, "abandoned");
	gone(h, &r, r.leg, "cancelled");
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
	nothing_left(h);

	r = ring(h);
	on_leg(h, "leg_answer", &r);
	on_leg(h, "call_bridged", &r);
	gone(h, &r, r.leg, "gone");
	ended_is(h, "agent_left");
	gone(h, &r, "c1", "hangup");
	assert_null(last_event(h, "call_ended"));
	nothing_left(h);

	r = ring(h);
	gone(h, &r, "c1", "node_lost");
	ended_is(h, "node_lost");

	r = ring(h);
	on_leg(h, "leg_answer", &r);
	gone(h, &r, "c1", "vanished");
	ended_is(h, "vanished");
	gone(h, &r, r.leg, "gone");
	assert_string_equal(hget(h, "agent:1001", "unreachable"), "");
	nothing_left(h);

	/* A phone that vanished while talking is not rung again before it registers. */
	r = ring(h);
	on_leg(h, "leg_answer", &r);
	on_leg(h, "call_bridged", &r);
	gone(h, &r, r.leg, "vanished");
	assert_non_null(last_event(h, "agent_unreachable"));
	ended_is(h, "vanished");
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
	assert_string_equal(hget(h, "agent:1001", "unreachable"), "1");
	gone(h, &r, "c1", "hangup");
	nothing_left(h);
	scene_heard(h, "reg", "1001");

	r = ring(h);
	run_ok(h, "call_end", "{s:s, s:s}", "call", r.call, "reason", "operator");
	ended_is(h, "operator");
	/* The view says what is still open on the node. */
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "open"), "1");
	assert_int_equal(json_array_size(json_object_get(json_object_get(last(h), "call"), "legs")),
			 1);
	run_ok(h, "call_end", "{s:s, s:s}", "call", r.call, "reason", "operator");
	assert_int_equal(last_events(h), 0);
}

static void
late_commands_are_refused(void **state)
{
	static const char *const scripts[] = {"leg_start", "leg_answer", "call_bridged"};
	struct harness *h = *state;
	struct ring r = ring(h);
	size_t i;

	/* Before its answer a leg can't be bridged; after the offer's end nothing can be. */
	run_refused(h, "not_live", "call_bridged", "{s:s, s:s, s:s, s:s}", "node", "a1", "token",
		    "t", "call", r.call, "leg", r.leg);
	run_ok(h, "agent_pause", "{s:s}", "agent", "1001");
	gone(h, &r, r.leg, "no_answer");
	for (i = 0; i < 3; i++)
		run_refused(h, "not_live", scripts[i], "{s:s, s:s, s:s, s:s}", "node", "a1",
			    "token", "t", "call", r.call, "leg", r.leg);
	for (i = 0; i < 3; i++)
		run_refused(h, "no_such_call", scripts[i], "{s:s, s:s, s:s, s:s}", "node", "a1",
			    "token", "t", "call", "1-1", "leg", "1-1.2");
	run_refused(h, "no_such_call", "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1",
		    "token", "t", "call", "1-1", "channel", "c", "reason", "hangup");
	run_refused(h, "no_such_call", "call_end", "{s:s, s:s}", "call", "1-1", "reason", "x");
	run_refused(h, "no_such_call", "call_read", "{s:s, s:[s]}", "call", "1-1", "fields", "id");
	run_refused(h, "stale", "call_end", "{s:s, s:s, s:s}", "call", r.call, "reason", "operator",
		    "v", "1");
}

static void
a_second_hang_up_of_a_leg_is_no_miss(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);

	gone(h, &r, r.leg, "busy");
	assert_string_equal(hget(h, "agent:1001", "misses"), "1");
	gone(h, &r, r.leg, "busy");
	assert_int_equal(last_events(h), 0);
	assert_string_equal(hget(h, "agent:1001", "misses"), "1");
}

static void
only_the_owner(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	size_t i;

	for (i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		run_refused(h, "not_owner", owned[i], "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
			    "node", "a1", "token", "other", "call", r.call, "leg", r.leg, "channel",
			    "c1", "queue", "q", "state", "up", "reason", "test");
		run_refused(h, "not_owner", owned[i], "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
			    "node", "zz", "token", "t", "call", r.call, "leg", r.leg, "channel",
			    "c1", "queue", "q", "state", "up", "reason", "test");
	}
	/* A later owner deposes the earlier, never the other way round. */
	run_ok(h, "node_own", "{s:s, s:s, s:s}", "node", "a1", "token", "u", "instance", "i2");
	run_refused(h, "not_owner", "node_own", "{s:s, s:s, s:s}", "node", "a1", "token", "t",
		    "instance", "i1");
	run_refused(h, "no_such_node", "node_own", "{s:s, s:s, s:s}", "node", "zz", "token", "v",
		    "instance", "i1");
	assert_string_equal(hget(h, "node:a1", "owner"), "i2");
}

/* A caller of Call-ID `sip` on a1; the call's id, "" when none was made. */
static const char *
enter_try(struct harness *h, const char *channel, const char *try)
{
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
	       "channel", channel, "queue", "q", "sip", "one", "try", try);
	return text_of(h, json_object_get(last(h), "call"), "id");
}

/* A node that stood still has the caller, too, whom another was given meanwhile; come who may
 * first. */
static void
one_caller_two_nodes(void **state)
{
	struct harness *h = *state;
	char first[64], id[64];

	scene_pool(h);
	scene_queue(h, "q");
	snprintf(first, sizeof(first), "%s", enter_try(h, "c1", "17641000001231"));
	enter_try(h, "c2", "17641000001230");
	assert_string_equal(text_of(h, last(h), "late"), "true");
	assert_int_equal(last_events(h), 0);
	assert_false(key_exists(h, "chan:a1:c2"));
	assert_string_equal(enter_try(h, "c1", "17641000001231"), first);

	/* The later one ends the earlier, and its ringing; the owner is told. */
	scene_agent(h, "1001", "q", false);
	assert_string_equal(hget(h, "agent:1001", "state"), "ringing");
	enter_try(h, "c3", "17641000004560");
	ended_is(h, "late");
	assert_string_equal(text_of(h, last_event(h, "call_ended"), "call"), first);
	assert_string_equal(text_of(h, json_array_get(json_object_get(last(h), "claims"), 0), "id"),
			    first);

	/* The same try is no rival. */
	snprintf(id, sizeof(id), "%s", enter_try(h, "c4", "17641000004560"));
	assert_null(last_event(h, "call_ended"));
	assert_true(key_exists(h, "sip:one"));
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", "c4", "reason", "late");
	ended_is(h, "late");
	assert_false(key_exists(h, "sip:one"));

	/* A caller without a Call-ID has no rivals, and leaves as any other. */
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
	       "channel", "c5", "queue", "q", "sip", "", "try", "17641000000000");
	snprintf(id, sizeof(id), "%s", text_of(h, json_object_get(last(h), "call"), "id"));
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       id, "channel", "c5", "reason", "hangup");
	ended_is(h, "abandoned");
	assert_false(key_exists(h, "chan:a1:c5"));
}

static void
enter(void **state)
{
	struct harness *h = *state;
	char id[64];

	scene_pool(h);
	scene_queue(h, "q");
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 90000));
	assert_string_equal(text_of(h, last_event(h, "call_entered"), "reason"), "entered");
	assert_string_equal(text_of(h, last_event(h, "call_entered"), "sip_call_id"),
			    "sip-call-id");
	/* The same channel is the same call. */
	assert_string_equal(scene_call(h, "c1", "q", 0), id);
	assert_int_equal(last_events(h), 0);
	/* No such queue takes nobody in. */
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel", "c2",
	       "queue", "none");
	assert_string_equal(text_of(h, last(h), "sent_on"), "no_such_queue");
	assert_string_equal(text_of(h, last_event(h, "call_refused"), "reason"), "no_such_queue");
	assert_null(json_object_get(last(h), "call"));
	/* A stamp of the future is no way past the others, and none is now. */
	snprintf(id, sizeof(id), "%s", scene_call(h, "c3", "q", -60000));
	assert_int_equal(zrank(h, "wait:q", id), 1);
	/* After Redis forgot, the channel says which call it is. */
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s, s:I}", "node", "a1", "token", "t",
	       "channel", "c4", "queue", "q", "call", "1600000000000000-0000007", "entered",
	       (json_int_t)1600000000000);
	assert_string_equal(text_of(h, last_event(h, "call_entered"), "reason"), "restored");
	assert_int_equal(zrank(h, "wait:q", "1600000000000000-0000007"), 0);
	/* But not when that id is taken, or is none. */
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel",
	       "c5", "queue", "q", "call", "1600000000000000-0000007");
	assert_string_equal(text_of(h, last_event(h, "call_entered"), "reason"), "entered");
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel",
	       "c6", "queue", "q", "call", "../../etc");
	assert_string_equal(text_of(h, last_event(h, "call_entered"), "reason"), "entered");
}

static void
recovery(void **state)
{
	struct harness *h = *state;
	char id[64];

	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", true);
	snprintf(id, sizeof(id), "%s", scene_call(h, "c1", "q", 0));
	/* Redis came back as another: tokens are void, nothing is claimed. */
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[{s:s, s:s}]}", "inc", "run2", "instance", "i1",
	       "version", "1", "nodes", "name", "a1", "url", "u");
	assert_string_equal(text_of(h, last_event(h, "recovery_started"), "reason"),
			    "redis_changed");
	assert_string_equal(text_of(h, last(h), "state"), "recovering");
	run_refused(h, "recover", "agent_login", "{s:s}", "agent", "1001");
	run_ok(h, "agent_login", "{s:s, s:s}", "inc", "run2", "agent", "1001");
	assert_null(last_event(h, "offer_made"));
	run_refused(h, "not_owner", "node_state", "{s:s, s:s, s:s, s:s, s:s}", "inc", "run2",
		    "node", "a1", "token", "t", "state", "up", "reason", "x");
	/* The last node that is reconciled, or left out, ends it. */
	run_ok(h, "node_own", "{s:s, s:s, s:s, s:s}", "inc", "run2", "node", "a1", "token", "u",
	       "instance", "i1");
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s, s:s}", "inc", "run2", "node", "a1", "token",
	       "u", "state", "up", "reason", "x");
	assert_null(last_event(h, "recovery_done"));
	run_ok(h, "node_own", "{s:s, s:s, s:s, s:s}", "inc", "run2", "node", "a2", "token", "u",
	       "instance", "i1");
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s, s:s}", "inc", "run2", "node", "a2", "token",
	       "u", "state", "unreachable", "reason", "x");
	assert_non_null(last_event(h, "recovery_done"));
	assert_string_equal(text_of(h, last_event(h, "offer_made"), "call"), id);
	/* A second instance finds it open. */
	run_ok(h, "pool_open", "{s:s, s:s, s:s, s:[]}", "inc", "run2", "instance", "i2", "version",
	       "1", "nodes");
	assert_string_equal(text_of(h, last(h), "state"), "ready");
	run_ok(h, "pool_leave", "{s:s, s:s, s:s}", "inc", "run2", "instance", "i2", "reason", "x");
	assert_string_equal(text_of(h, last_event(h, "instance_stopped"), "instance"), "i2");
}

static void
pages_of_calls(void **state)
{
	struct harness *h = *state;
	char name[16], from[64];
	size_t i;

	scene_pool(h);
	scene_queue(h, "q");
	for (i = 0; i < 140; i++) {
		snprintf(name, sizeof(name), "c%zu", i);
		scene_call(h, name, "q", (int64_t)(1000 - i));
	}
	run_ok(h, "node_calls", "{s:s}", "node", "a1");
	assert_int_equal(json_array_size(json_object_get(last(h), "calls")), 64);
	/* A caller that leaves between two pages hides no other, even the one that the page ended
	 * with. */
	snprintf(from, sizeof(from), "%s", text_of(h, last(h), "cursor"));
	redis_do(h, "ZREM %son:a1 %s", HARNESS_PREFIX, from);
	run_ok(h, "node_calls", "{s:s, s:s}", "node", "a1", "cursor", from);
	assert_int_equal(json_array_size(json_object_get(last(h), "calls")), 64);
	run_ok(h, "node_calls", "{s:s, s:s}", "node", "a1", "cursor",
	       text_of(h, last(h), "cursor"));
	assert_int_equal(json_array_size(json_object_get(last(h), "calls")), 12);
}

static void
the_stream_is_bounded(void **state)
{
	struct harness *h = *state;
	size_t i;

	scene_pool(h);
	scene_agent(h, "1001", NULL, true);
	for (i = 0; i < 20; i++)
		run_ok(h, i % 2 == 0 ? "agent_login" : "agent_logout", "{s:s, s:i}", "agent",
		       "1001", "stream_max", 10);
	run_ok(h, "status_read", "{}");
	assert_true(json_number_value(json_object_get(last(h), "trimmed")) >= 10);
}

static const char *
percent_said(struct harness *h)
{
	run_ok(h, "events_watch", "{s:i}", "stream_max", 100);
	return last_events(h) == 0 ? "" : text_of(h, last_event(h, "events_behind"), "percent");
}

static void
fill_up(struct harness *h, int events)
{
	redis_do(h, "XTRIM %sevents MAXLEN 0", HARNESS_PREFIX);
	while (events-- > 0)
		redis_do(h, "XADD %sevents * json {}", HARNESS_PREFIX);
}

/* Nobody reads in a group: what counts is how full the stream is. */
static void
a_full_stream_is_said_once(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	fill_up(h, 49);
	assert_string_equal(percent_said(h), "");
	fill_up(h, 50);
	assert_string_equal(percent_said(h), "50");
	assert_string_equal(percent_said(h), "");
	/* A little below the mark it is the same crossing. */
	fill_up(h, 45);
	assert_string_equal(percent_said(h), "");
	fill_up(h, 55);
	assert_string_equal(percent_said(h), "");
	fill_up(h, 81);
	assert_string_equal(percent_said(h), "81");
	assert_string_equal(percent_said(h), "");
	fill_up(h, 5);
	assert_string_equal(percent_said(h), "");
	fill_up(h, 95);
	assert_string_equal(percent_said(h), "95");
}

static void
the_slowest_group_counts(void **state)
{
	struct harness *h = *state;

	scene_pool(h);
	fill_up(h, 60);
	redis_do(h, "XGROUP CREATE %sevents quick $", HARNESS_PREFIX);
	assert_string_equal(percent_said(h), "");
	redis_do(h, "XGROUP CREATE %sevents slow 0", HARNESS_PREFIX);
	assert_string_equal(percent_said(h), "60");
	assert_string_equal(text_of(h, last(h), "group"), "slow");
	/* Read is not confirmed. */
	redis_do(h, "XREADGROUP GROUP slow me COUNT 30 STREAMS %sevents >", HARNESS_PREFIX);
	run_ok(h, "events_watch", "{s:i}", "stream_max", 100);
	assert_true(json_number_value(json_object_get(last(h), "behind")) >= 60);
}

/* The node shows agent 1002's leg Up, while Redis thinks that the call waits or rings elsewhere. */
static void
adopt(struct harness *h, const struct ring *r, const char *bridge, int bridged)
{
	char leg[100];

	snprintf(leg, sizeof(leg), "%s.99", r->call);
	run_ok(h, "call_adopt", "{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "node", "a1", "token", "t",
	       "call", r->call, "leg", leg, "agent", "1002", "bridge", bridge, "bridged", bridged);
}

static void
forgotten_conversation_is_adopted(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);

	scene_agent(h, "1002", "q", true); /* logged out, as far as Redis remembers */
	adopt(h, &r, "b1", 1000);
	assert_string_equal(text_of(h, last_event(h, "call_adopted"), "state"), "ringing");
	assert_string_equal(text_of(h, last_event(h, "call_adopted"), "bridged_ms"), "1000");
	assert_string_equal(text_of(h, last_event(h, "offer_failed"), "reason"), "cancelled");
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
	assert_string_equal(hget(h, "agent:1001", "misses"), "");
	assert_string_equal(hget(h, "agent:1002", "state"), "talking");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "bridge"), "b1");
	assert_string_equal(text_of(h, json_object_get(last(h), "call"), "bridged"), "1000");
	assert_false(key_exists(h, "wait:q"));
	assert_false(key_exists(h, "offers:a1"));
	adopt(h, &r, "b1", 1000);
	assert_int_equal(last_events(h), 0);
	/* The one that talks is kept; a second leg has no place. */
	run_refused(h, "not_live", "call_adopt", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token",
		    "t", "call", r.call, "leg", "other", "agent", "1001");
	gone(h, &r, "c1", "hangup");
	ended_is(h, "caller_left");
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       r.call, "channel", hget(h, "agent:1002", "leg"), "reason", "gone");
	assert_string_equal(hget(h, "agent:1002", "state"), "logged_out");
}

/* A Redis that has lost a step shows the agent ringing elsewhere: it talks here, and that offer is
 * over. */
static void
agent_of_an_adopted_call_leaves_its_other_offer(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	char second[64];

	snprintf(second, sizeof(second), "%s", scene_call(h, "c2", "q", 500));
	run_ok(h, "call_adopt", "{s:s, s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
	       "call", second, "leg", "l2", "agent", "1001", "bridge", "");
	assert_string_equal(text_of(h, last_event(h, "call_adopted"), "bridged_ms"), "");
	assert_string_equal(text_of(h, last_event(h, "offer_failed"), "call"), r.call);
	assert_string_equal(text_of(h, last_event(h, "offer_failed"), "reason"), "cancelled");
	assert_string_equal(hget(h, "agent:1001", "call"), second);
	assert_string_equal(hget(h, "agent:1001", "state"), "talking");
	assert_string_equal(hget(h, "agent:1001", "misses"), "");
	assert_int_equal(zrank(h, "wait:q", r.call), 0);
}

/* Or talking elsewhere: the older conversation's end must not make the agent free. */
static void
agent_of_an_adopted_call_leaves_its_other_conversation(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	char second[64];

	on_leg(h, "leg_start", &r);
	on_leg(h, "leg_answer", &r);
	snprintf(second, sizeof(second), "%s", scene_call(h, "c2", "q", 500));
	run_ok(h, "call_adopt", "{s:s, s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
	       "call", second, "leg", "l2", "agent", "1001", "bridge", "");
	on_leg(h, "call_bridged", &r);
	gone(h, &r, r.leg, "gone");
	ended_is(h, "agent_left");
	assert_string_equal(hget(h, "agent:1001", "call"), second);
	assert_string_equal(hget(h, "agent:1001", "state"), "talking");
}

/* What was counted since the last write that a new Redis knows must not be counted again. */
static void
numbers_are_above_what_redis_may_have_forgotten(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);
	double before = atof(strrchr(r.leg, '.') + 1), after;

	redis_do(h, "HSET %smeta recovering_since %.0f", HARNESS_PREFIX,
		 atof(hget(h, "meta", "now")) + 1000);
	advance(h, 2000);
	gone(h, &r, r.leg, "gone"); /* and it is offered again */
	after = atof(strrchr(hget(h, "agent:1001", "leg"), '.') + 1);
	assert_true(after > before + 10); /* of time, as 2 s have passed */
	snprintf(r.leg, sizeof(r.leg), "%s", hget(h, "agent:1001", "leg"));
	gone(h, &r, r.leg, "gone");
	assert_true(atof(strrchr(hget(h, "agent:1001", "leg"), '.') + 1) == after + 2);
}

static void
drops_are(struct harness *h, const char *reason, const char *n)
{
	run_ok(h, "status_read", "{}");
	assert_string_equal(
		text_of(h, json_object_get(json_object_get(last(h), "totals"), "drops"), reason),
		n);
}

/* Ends by no one's wish are counted, and no others. */
static void
drops_are_counted(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);

	gone(h, &r, "c1", "hangup");
	drops_are(h, "node_lost", "0");
	run_ok(h, "call_end", "{s:s, s:s}", "call", scene_call(h, "c2", "q", 0), "reason",
	       "operator");
	gone(h, &r, "c1", "node_lost");
	drops_are(h, "node_lost", "0");
	snprintf(r.call, sizeof(r.call), "%s", scene_call(h, "c3", "q", 0));
	gone(h, &r, "c3", "node_lost");
	drops_are(h, "node_lost", "1");
	snprintf(r.call, sizeof(r.call), "%s", scene_call(h, "c4", "q", 0));
	gone(h, &r, "c4", "vanished");
	drops_are(h, "vanished", "1");
	drops_are(h, "node_lost", "1");
	assert_string_equal(hget(h, "node:a1", "lost"), "1");
	assert_string_equal(hget(h, "node:a1", "freed"), "");
	r = ring(h);
	gone(h, &r, "c1", "node_lost");
	assert_string_equal(hget(h, "node:a1", "freed"), "1");
}

/* Nobody has looked at the channels of a node that is given up: the call ends, its record stays. */
static void
unseen_end_keeps_the_record(void **state)
{
	struct harness *h = *state;
	struct ring r = ring(h);

	on_leg(h, "leg_start", &r);
	on_leg(h, "leg_answer", &r);
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s, s:b}", "node", "a1", "token", "t",
	       "call", r.call, "channel", "c1", "reason", "node_lost", "unseen", 1);
	ended_is(h, "node_lost");
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s, s:b}", "node", "a1", "token", "t",
	       "call", r.call, "channel", r.leg, "reason", "node_lost", "unseen", 1);
	assert_string_equal(hget(h, "agent:1001", "state"), "idle");
	assert_true(key_exists(h, "chan:a1:c1"));
	gone(h, &r, "c1", "hangup");
	gone(h, &r, r.leg, "gone");
	assert_false(key_exists(h, "chan:a1:c1"));
	assert_int_equal(last_events(h), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgotten_conversation_is_adopted),
		cmocka_unit_test(unseen_end_keeps_the_record),
		cmocka_unit_test(drops_are_counted),
		cmocka_unit_test(agent_of_an_adopted_call_leaves_its_other_offer),
		cmocka_unit_test(agent_of_an_adopted_call_leaves_its_other_conversation),
		cmocka_unit_test(numbers_are_above_what_redis_may_have_forgotten),
		cmocka_unit_test(a_whole_call),
		cmocka_unit_test(an_agent_leaves_before_the_bridge),
		cmocka_unit_test(a_phone_vanishes_before_the_bridge),
		cmocka_unit_test(a_bridge_that_redis_was_not_told_of),
		cmocka_unit_test(reasons_of_the_end),
		cmocka_unit_test(late_commands_are_refused),
		cmocka_unit_test(a_second_hang_up_of_a_leg_is_no_miss),
		cmocka_unit_test(only_the_owner),
		cmocka_unit_test(one_caller_two_nodes),
		cmocka_unit_test(enter),
		cmocka_unit_test(recovery),
		cmocka_unit_test(pages_of_calls),
		cmocka_unit_test(the_stream_is_bounded),
		cmocka_unit_test(a_full_stream_is_said_once),
		cmocka_unit_test(the_slowest_group_counts),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
