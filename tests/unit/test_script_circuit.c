/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is to blame when no phone could be reached: the agent, its phone, the node, or Kamailio. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/script_harness.h"

#define MANY 150 /* calls of a node: three pages */

static const char *
of_call(struct harness *h, const char *id, const char *field)
{
	char key[96];

	snprintf(key, sizeof(key), "call:%s", id);
	return hget(h, key, field);
}

static const char *
of_agent(struct harness *h, const char *name, const char *field)
{
	char key[96];

	snprintf(key, sizeof(key), "agent:%s", name);
	return hget(h, key, field);
}

/* A call of queue q on that node; its id goes to out, which has 64 bytes. */
static void
call_on(struct harness *h, const char *node, const char *channel, int64_t ago, char *out)
{
	json_t *reply = run(h, "nodes_read", "{}");
	int64_t now = (int64_t)json_number_value(json_object_get(reply, "now"));

	json_decref(reply);
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s, s:I}", "node", node, "token", "t", "channel",
	       channel, "queue", "q", "entered", (json_int_t)(now - ago));
	snprintf(out, 64, "%s", text_of(h, json_object_get(last(h), "call"), "id"));
}

/* What becomes of the offer that the agent has. */
static void
offer(struct harness *h, const char *agent, const char *script, const char *key, const char *reason)
{
	char call[64], leg[80], node[16];

	snprintf(call, sizeof(call), "%s", of_agent(h, agent, "call"));
	snprintf(leg, sizeof(leg), "%s", of_agent(h, agent, "leg"));
	if (*call == '\0')
		fail_msg("agent %s has no call", agent);
	snprintf(node, sizeof(node), "%s", of_call(h, call, "node"));
	run_ok(h, script, "{s:s, s:s, s:s, s:s, s:s*}", "node", node, "token", "t", "call", call,
	       key, leg, "reason", reason);
}

static void
ends(struct harness *h, const char *agent, const char *reason)
{
	offer(h, agent, "channel_gone", "channel", reason);
}

/* The offer that the call has. */
static void
call_fails(struct harness *h, const char *call)
{
	static const char *const agents[] = {"1001", "1002"};
	size_t i;

	for (i = 0; i < 2; i++)
		if (strcmp(of_agent(h, agents[i], "call"), call) == 0)
			return ends(h, agents[i], "node");
	fail_msg("call %s is offered to nobody", call);
}

static void
rings(struct harness *h, const char *agent)
{
	offer(h, agent, "leg_ring", "leg", NULL);
}

static void
state_is(struct harness *h, const char *call, const char *state)
{
	if (strcmp(of_call(h, call, "state"), state) != 0)
		fail_msg("call %s is %s (%s), it was to be %s", call, of_call(h, call, "state"),
			 of_call(h, call, "held_reason"), state);
}

/* Whatever is due, and nothing is left to be done at once. */
static void
due(struct harness *h)
{
	unsigned i;

	for (i = 0; i < 40; i++) {
		run_ok(h, "due_run", "{}");
		if (json_object_get(last(h), "due") == NULL ||
		    json_number_value(json_object_get(last(h), "due")) > 5)
			return;
		advance(h, 2);
	}
	fail_msg("something is due without an end");
}

static void
wait_ms(struct harness *h, int64_t ms)
{
	advance(h, ms);
	due(h);
}

/* Agents 1001 and 1002 are idle, nobody waits. */
static void
scene(struct harness *h)
{
	scene_pool(h);
	scene_queue(h, "q");
	scene_agent(h, "1001", "q", false);
	advance(h, 10);
	scene_agent(h, "1002", "q", false);
	advance(h, 10);
}

/* Three calls of a1 wait and are held; its circuit is open. */
static void
scene_open(struct harness *h, char calls[3][64])
{
	int i;

	scene(h);
	run_ok(h, "agent_pause", "{s:s, s:s}", "agent", "1002", "reason", "lunch");
	for (i = 0; i < 3; i++) {
		char channel[8] = {'c', (char)('1' + i), '\0'};

		call_on(h, "a1", channel, 3000 - i * 1000, calls[i]);
	}
	for (i = 0; i < 3; i++)
		ends(h, "1001", "node"); /* each call once, as the others have to wait a while */
	assert_string_equal(text_of(h, last_event(h, "circuit_opened"), "circuit"), "node");
	due(h);
	for (i = 0; i < 3; i++)
		state_is(h, calls[i], "held");
}

static void
three_in_a_row(void **state)
{
	struct harness *h = *state;
	char first[64], second[64], other[64], late[64];

	scene(h);
	call_on(h, "a1", "c1", 5000, first);
	ends(h, "1001", "node");
	state_is(h, first, "held");
	assert_string_equal(of_call(h, first, "held_reason"), "retry");
	/* Nothing is held against the agent, and it is idle at once. */
	assert_string_equal(of_agent(h, "1001", "misses"), "");
	assert_int_equal(zrank(h, "idle:q", "1001"), 1);
	call_on(h, "a1", "c2", 4000, second);
	ends(h, "1002", "node");
	assert_null(last_event(h, "circuit_opened"));
	wait_ms(h, 600);
	assert_string_equal(of_agent(h, "1001", "call"), first);
	call_on(h, "a2", "c3", 3000, other);
	ends(h, "1001", "node");
	assert_string_equal(text_of(h, last_event(h, "circuit_opened"), "node"), "a1");
	assert_string_equal(text_of(h, last_event(h, "circuit_opened"), "fails"), "3");
	assert_string_equal(of_call(h, first, "held_reason"), "node_failing");
	/* The other node goes on with the freed agent in the same step, and newcomers wait. */
	assert_string_equal(of_agent(h, "1001", "call"), other);
	state_is(h, other, "ringing");
	call_on(h, "a1", "c4", 9000, late);
	state_is(h, late, "held");
	assert_string_equal(text_of(h, last_event(h, "call_held"), "state"), "waiting");
	assert_string_equal(text_of(h, last_event(h, "call_held"), "reason"), "node_failing");
	assert_null(last_event(h, "offer_made"));
	/* It shows. */
	run_ok(h, "nodes_read", "{}");
	assert_non_null(
		json_object_get(json_array_get(json_object_get(last(h), "items"), 0), "circuit"));
	assert_null(
		json_object_get(json_array_get(json_object_get(last(h), "items"), 1), "circuit"));
}

static void
one_probe_at_a_time(void **state)
{
	static const int64_t intervals[] = {500, 1000, 2000, 3000};
	struct harness *h = *state;
	char calls[3][64];
	size_t i;

	scene_open(h, calls);
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1002");
	for (i = 0; i < 4; i++) {
		wait_ms(h, intervals[i] - 60);
		assert_string_equal(hget(h, "count", "q:q:ringing"), "");
		wait_ms(h, 100);
		/* The first by score, and only that one, though two agents are idle. */
		state_is(h, calls[0], "ringing");
		state_is(h, calls[1], "held");
		assert_string_equal(hget(h, "count", "q:q:ringing"), "1");
		assert_string_equal(of_call(h, calls[0], "doubt"), "1");
		call_fails(h, calls[0]);
		assert_null(last_event(h, "circuit_opened"));
		state_is(h, calls[0], "held");
	}
	/* A call that can't be put through takes no more than its turns. */
	wait_ms(h, 3100);
	state_is(h, calls[0], "held");
	/* No more than 3 s between two, and once it is over the old order holds. */
	call_fails(h, calls[1]);
	wait_ms(h, 3100);
	state_is(h, calls[1], "ringing");
	rings(h, *of_agent(h, "1001", "call") != '\0' ? "1001" : "1002");
	state_is(h, calls[2], "held");
	due(h);
	assert_int_equal(zrank(h, "wait:q", calls[2]), 0);
	assert_string_equal(of_call(h, calls[0], "state"), "ringing");
}

static void
a_phone_that_rings_closes_it(void **state)
{
	struct harness *h = *state;
	char calls[3][64];

	scene_open(h, calls);
	wait_ms(h, 550);
	state_is(h, calls[0], "ringing");
	rings(h, "1001");
	assert_string_equal(text_of(h, last_event(h, "circuit_closed"), "reason"), "phone_reached");
	due(h);
	assert_false(key_exists(h, "circuits"));
	assert_false(key_exists(h, "hold:q:a1"));
	assert_false(key_exists(h, "heldq:a1"));
	assert_int_equal(zrank(h, "wait:q", calls[1]), 0);
	assert_int_equal(zrank(h, "wait:q", calls[2]), 1);
	/* Now it is the agent who doesn't answer. */
	ends(h, "1001", "no_answer");
	assert_string_equal(of_agent(h, "1001", "misses"), "1");
	assert_int_equal(zrank(h, "wait:q", calls[0]), 0);
}

static void
what_closes_it(void **state)
{
	static const char *const reasons[] = {"busy", "reject", "unreachable"};
	struct harness *h = *state;
	char calls[3][64];
	size_t i;

	for (i = 0; i < 3; i++) {
		scene_open(h, calls);
		wait_ms(h, 550);
		ends(h, "1001", reasons[i]);
		assert_non_null(last_event(h, "circuit_closed"));
	}
	scene_open(h, calls);
	wait_ms(h, 550);
	offer(h, "1001", "leg_answer", "leg", NULL);
	assert_non_null(last_event(h, "circuit_closed"));
	/* A silence proves nothing while there is a doubt, to neither side. */
	scene_open(h, calls);
	wait_ms(h, 550);
	ends(h, "1001", "no_answer");
	assert_null(last_event(h, "circuit_closed"));
	assert_string_equal(of_agent(h, "1001", "misses"), "");
	/* Nor does a probe that ended by itself: the next may try at once. */
	assert_string_equal(of_agent(h, "1001", "call"), calls[0]);
	run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "call",
	       calls[0], "channel", "c1", "reason", "hangup");
	ends(h, "1001", "cancelled");
	due(h);
	assert_string_equal(of_agent(h, "1001", "call"), calls[1]);
	state_is(h, calls[2], "held");
}

/* Failures of two nodes, of more than one agent, and nobody got through: it is Kamailio. */
static void
kamailio_fails(void **state)
{
	struct harness *h = *state;
	char calls[4][64];

	scene(h);
	call_on(h, "a1", "c1", 4000, calls[0]);
	call_on(h, "a2", "c2", 3000, calls[1]);
	ends(h, "1001", "node");
	ends(h, "1002", "node");
	call_on(h, "a1", "c3", 2000, calls[2]);
	assert_null(last_event(h, "circuit_opened"));
	ends(h, "1001", "node");
	assert_string_equal(text_of(h, last_event(h, "circuit_opened"), "circuit"), "kamailio");
	assert_string_equal(of_agent(h, "1001", "backoff"), "");
	call_on(h, "a2", "c4", 1000, calls[3]);
	assert_string_equal(of_call(h, calls[3], "held_reason"), "kamailio_failing");
	/* One probe for all nodes. */
	wait_ms(h, 600);
	due(h);
	assert_string_equal(hget(h, "count", "q:q:ringing"), "1");
	state_is(h, calls[0], "ringing");
	run_ok(h, "status_read", "{}");
	assert_non_null(json_object_get(last(h), "kamailio"));
	call_fails(h, calls[0]);
	wait_ms(h, 1100);
	state_is(h, calls[0], "ringing");
	rings(h, *of_agent(h, "1001", "call") != '\0' ? "1001" : "1002");
	assert_string_equal(text_of(h, last_event(h, "circuit_closed"), "circuit"), "kamailio");
	due(h);
	/* Everybody is offered again, by score. */
	state_is(h, calls[1], "ringing");
	assert_int_equal(zrank(h, "wait:q", calls[2]), 0);
	assert_int_equal(zrank(h, "wait:q", calls[3]), 1);
	assert_false(key_exists(h, "circuits"));
}

/* Three calls of a2 fail one after the other, at two agents; a1's circuit is open and its callers
 * have left. */
static void
a2_fails_too(struct harness *h, bool reached)
{
	char calls[3][64], id[64];
	int i;

	scene_open(h, calls);
	for (i = 0; i < 3; i++) {
		char channel[8] = {'c', (char)('1' + i), '\0'};

		run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		       "call", calls[i], "channel", channel, "reason", "hangup");
	}
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1002");
	if (reached) {
		call_on(h, "a2", "d0", 0, id);
		ends(h, "1001", "reject");
		run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a2", "token", "t",
		       "call", id, "channel", "d0", "reason", "hangup");
		ends(h, "1002", "cancelled");
	}
	call_on(h, "a2", "e1", 0, id);
	for (i = 0; i < 3; i++) {
		assert_null(last_event(h, "circuit_opened"));
		wait_ms(h, 2100);
		call_fails(h, id);
	}
}

/* With nobody reached in between it is Kamailio, otherwise it is a2. */
static void
a_second_node(void **state)
{
	struct harness *h = *state;

	a2_fails_too(h, false);
	assert_string_equal(text_of(h, last_event(h, "circuit_opened"), "circuit"), "kamailio");
	a2_fails_too(h, true);
	assert_string_equal(text_of(h, last_event(h, "circuit_opened"), "node"), "a2");
}

static void
one_phone_stops_nobody(void **state)
{
	struct harness *h = *state;
	char id[64], channel[16];
	int i;

	scene(h);
	for (i = 0; i < 12; i++) {
		const char *node = i % 2 == 0 ? "a1" : "a2";

		/* 1001's phone is broken, and everybody else talks. */
		run_ok(h, "agent_pause", "{s:s}", "agent", "1002");
		snprintf(channel, sizeof(channel), "x%d", i);
		call_on(h, node, channel, 0, id);
		if (strcmp(of_agent(h, "1001", "call"), id) == 0)
			ends(h, "1001", "node");
		assert_null(last_event(h, "circuit_opened"));
		run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", node, "token", "t",
		       "call", id, "channel", channel, "reason", "hangup");
	}
	assert_string_equal(of_agent(h, "1001", "suspect"), "1");
	assert_string_equal(hget(h, "count", "a:suspect"), "1");
	assert_string_equal(of_agent(h, "1001", "misses"), "");
	assert_string_equal(of_agent(h, "1001", "unreachable"), "");
	/* It is left alone for a while, then tried again; once it works all is forgotten. */
	assert_int_equal(zrank(h, "idle:q", "1001"), -1);
	call_on(h, "a1", "y", 0, id);
	wait_ms(h, 10000);
	assert_string_equal(of_agent(h, "1001", "call"), id);
	rings(h, "1001");
	assert_string_equal(of_agent(h, "1001", "fails"), "");
	assert_string_equal(of_agent(h, "1001", "suspect"), "");
}

/* The same on the one node that there is, where others get through in between. */
static void
a_phone_that_fails_where_others_ring(void **state)
{
	struct harness *h = *state;
	char id[64];
	int i;

	scene(h);
	for (i = 0; i < 4; i++) {
		char channel[8] = {'c', (char)('1' + i), '\0'};

		call_on(h, "a1", channel, 0, id);
		assert_string_equal(of_agent(h, "1001", "call"), id);
		advance(h, 10);
		ends(h, "1001", "node");
		wait_ms(h, 550); /* 1002 is idle for longer now */
		assert_string_equal(of_agent(h, "1002", "call"), id);
		rings(h, "1002");
		run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		       "call", id, "channel", channel, "reason", "hangup");
		ends(h, "1002", "cancelled");
		assert_false(key_exists(h, "circuits"));
		wait_ms(h, 10000);
		run_ok(h, "agent_pause", "{s:s}", "agent", "1002");
		run_ok(h, "agent_unpause", "{s:s}", "agent", "1002");
	}
	assert_string_equal(of_agent(h, "1001", "suspect"), "1");
}

/* Held for two reasons: released when both are over, in either order. */
static void
unreachable_and_failing(void **state)
{
	struct harness *h = *state;
	char calls[3][64];
	int node_first;

	for (node_first = 0; node_first < 2; node_first++) {
		scene_open(h, calls);
		run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state",
		       "unreachable", "reason", "test");
		run_ok(h, "node_hold", "{s:s, s:s, s:b}", "node", "a1", "token", "t", "hold", 1);
		wait_ms(h, 20000);
		assert_string_equal(hget(h, "count", "q:q:held"), "3");
		assert_string_equal(hget(h, "count", "q:q:ringing"), "");
		run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state",
		       "up", "reason", "test");
		run_ok(h, "node_hold", "{s:s, s:s, s:b, s:s}", "node", "a1", "token", "t", "hold",
		       0, "reason", "node_up");
		due(h);
		/* The node can be asked again: one tries. */
		state_is(h, calls[0], "ringing");
		state_is(h, calls[1], "held");
		assert_string_equal(of_call(h, calls[1], "held_reason"), "node_failing");
		rings(h, "1001");
		if (node_first == 1)
			run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
			       "state", "unreachable", "reason", "test");
		due(h);
		state_is(h, calls[1], node_first == 1 ? "held" : "waiting");
	}
	assert_string_equal(of_call(h, calls[1], "held_reason"), "node_unreachable");
	assert_false(key_exists(h, "hold:q:a1"));
}

static void
a_dead_node_has_no_circuit(void **state)
{
	struct harness *h = *state;
	char calls[3][64];
	int i;

	scene_open(h, calls);
	run_ok(h, "node_state", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "state", "dead",
	       "reason", "test");
	assert_string_equal(text_of(h, last_event(h, "circuit_closed"), "reason"), "node_dead");
	for (i = 0; i < 3; i++) {
		char channel[8] = {'c', (char)('1' + i), '\0'};

		run_ok(h, "channel_gone", "{s:s, s:s, s:s, s:s, s:s}", "node", "a1", "token", "t",
		       "call", calls[i], "channel", channel, "reason", "node_lost");
	}
	due(h);
	assert_false(key_exists(h, "circuits"));
	assert_false(key_exists(h, "heldq:a1"));
	assert_false(key_exists(h, "due"));
}

/* Held, and released, a page a script; the order is kept whatever is offered in between. */
static void
in_pages(void **state)
{
	struct harness *h = *state;
	char calls[3][64], channel[16], id[64], before[64] = "";
	int i, offered = 0;

	scene_pool(h);
	scene_queue(h, "q");
	for (i = 0; i < MANY; i++) {
		snprintf(channel, sizeof(channel), "c%d", i);
		call_on(h, "a1", channel, 60000 - i * 100, id);
	}
	scene_agent(h, "1001", "q", false);
	(void)calls;
	for (i = 0; i < 3; i++)
		ends(h, "1001", "node");
	assert_non_null(last_event(h, "circuit_opened"));
	/* With an idle agent beside them none is offered, even before the pages have come to it. */
	assert_string_equal(hget(h, "count", "q:q:ringing"), "");
	for (i = 0; i < 10 && atoi(hget(h, "count", "q:q:held")) < MANY; i++) {
		advance(h, 2);
		run_ok(h, "due_run", "{}");
		assert_true(last_events(h) <= 64 + 32);
	}
	assert_string_equal(hget(h, "count", "q:q:held"), "150");
	wait_ms(h, 600);
	rings(h, "1001");
	for (i = 0; i < 20 && key_exists(h, "circuits"); i++) {
		advance(h, 2);
		/* Each agent that comes gets the next in order, released already or not. */
		ends(h, "1001", "cancelled");
		snprintf(id, sizeof(id), "%s", of_agent(h, "1001", "call"));
		if (*id != '\0') {
			assert_true(strcmp(id, before) >= 0);
			snprintf(before, sizeof(before), "%s", id);
			offered++;
		}
		run_ok(h, "due_run", "{}");
		assert_true(last_events(h) <= 64 + 32);
	}
	assert_true(offered > 0);
	assert_false(key_exists(h, "circuits"));
	assert_string_equal(hget(h, "count", "q:q:held"), "");
}

/* Queues whose members are all away keep nobody else from trying. */
static void
the_probe_is_one_that_can_be_offered(void **state)
{
	struct harness *h = *state;
	char calls[3][64], id[64];

	scene_open(h, calls);
	run_ok(h, "agent_pause", "{s:s}", "agent", "1001");
	scene_queue(h, "r");
	wait_ms(h, 600);
	assert_string_equal(hget(h, "count", "q:q:ringing"), "");
	run_ok(h, "call_enter", "{s:s, s:s, s:s, s:s}", "node", "a1", "token", "t", "channel", "r1",
	       "queue", "r");
	snprintf(id, sizeof(id), "%s", text_of(h, json_object_get(last(h), "call"), "id"));
	state_is(h, id, "held");
	/* An agent comes: at once. */
	scene_agent(h, "2001", "r", false);
	state_is(h, id, "ringing");
	run_ok(h, "agent_unpause", "{s:s}", "agent", "1001");
	state_is(h, calls[0], "held");
	rings(h, "2001");
	due(h);
	state_is(h, calls[0], "ringing");
}

static void
misses_pause_and_show(void **state)
{
	struct harness *h = *state;
	char id[64];

	scene(h);
	run_ok(h, "queue_set", "{s:s, s:{s:s, s:s}}", "queue", "q", "options", "autopausemisses",
	       "1", "rejectdelay", "0");
	call_on(h, "a1", "c1", 0, id);
	ends(h, "1001", "reject");
	assert_string_equal(of_agent(h, "1001", "paused"), "misses");
	assert_string_equal(hget(h, "count", "a:autopaused"), "1");
	run_ok(h, "agent_pause", "{s:s, s:s}", "agent", "1001", "reason", "lunch");
	assert_string_equal(hget(h, "count", "a:autopaused"), "");
	/* An answered call makes up for it. */
	run_ok(h, "queue_set", "{s:s, s:{s:s}}", "queue", "q", "options", "autopausemisses", "2");
	ends(h, "1002", "reject");
	assert_string_equal(of_agent(h, "1002", "misses"), "1");
	wait_ms(h, 10);
	offer(h, "1002", "leg_answer", "leg", NULL);
	ends(h, "1002", "gone");
	assert_string_equal(of_agent(h, "1002", "misses"), "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_in_a_row),
		cmocka_unit_test(one_probe_at_a_time),
		cmocka_unit_test(a_phone_that_rings_closes_it),
		cmocka_unit_test(what_closes_it),
		cmocka_unit_test(kamailio_fails),
		cmocka_unit_test(a_second_node),
		cmocka_unit_test(one_phone_stops_nobody),
		cmocka_unit_test(a_phone_that_fails_where_others_ring),
		cmocka_unit_test(unreachable_and_failing),
		cmocka_unit_test(a_dead_node_has_no_circuit),
		cmocka_unit_test(in_pages),
		cmocka_unit_test(the_probe_is_one_that_can_be_offered),
		cmocka_unit_test(misses_pause_and_show),
	};

	return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
