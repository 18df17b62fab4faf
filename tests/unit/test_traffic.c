/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/traffic_party.h"

static void
line(struct traffic *t, enum sipp_role role, double at, const char *text)
{
	char *full = mem_printf("2026-11-23\t09:45:49.309425\t%.6f %s", at, text);

	traffic_sipp(t, role, full);
	free(full);
}

static void
event(struct traffic *t, const char *name, int64_t at_ms, const char *fields)
{
	char *text = mem_printf("1-1\t%s\t{\"at\":%lld,%s}", name, (long long)at_ms, fields);

	traffic_event(t, text);
	free(text);
}

static void
expect(const struct traffic *t, int64_t up, int64_t waiting, int64_t talking)
{
	assert_int_equal(t->counts.up, up);
	assert_int_equal(t->counts.waiting, waiting);
	assert_int_equal(t->counts.talking, talking);
}

/* One agent, two callers; the second waits until the agent is free at 106.1 s + 2 s of wrap-up. */
static void
two_calls(void **state)
{
	struct traffic t;

	(void)state;
	traffic_open(&t, &(struct rests){.wrapup_us = 2000000});
	line(&t, SIPP_CALLERS, 100.0, "invite s1 491");
	line(&t, SIPP_CALLERS, 100.1, "ok s1 491");
	line(&t, SIPP_CALLERS, 100.2, "ok s2 492");
	expect(&t, 2, 2, 0);
	/* The leg, its registration and the word that says whose it is, read in any order. */
	line(&t, SIPP_AGENTS, 100.12, "invite l1 a1 c-1.1");
	line(&t, SIPP_REGISTER, 99.0, "registered r a1");
	traffic_settle(&t);
	assert_int_equal(t.offer.count, 0);
	event(&t, "call_entered", 100100, "\"call\":\"c-1\",\"sip_call_id\":\"s1\"");
	event(&t, "call_entered", 100200, "\"call\":\"c-2\",\"sip_call_id\":\"s2\"");
	traffic_settle(&t);
	assert_int_equal(t.offer.count, 1);
	assert_int_equal(hist_at(&t.offer, 1), 20000);
	line(&t, SIPP_AGENTS, 101.0, "ok l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 101.001, "ack l1 a1 c-1.1");
	event(&t, "call_bridged", 101010, "\"call\":\"c-1\",\"leg\":\"c-1.1\"");
	expect(&t, 2, 1, 1);
	assert_int_equal(hist_at(&t.connect, 1), 10500);
	line(&t, SIPP_AGENTS, 106.0, "bye_out l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 106.1, "bye_ok l1 a1 c-1.1");
	line(&t, SIPP_CALLERS, 106.01, "bye_in s1 491");
	expect(&t, 1, 1, 0);
	traffic_interval(&t);
	line(&t, SIPP_AGENTS, 108.13, "invite l2 a1 c-2.1");
	traffic_settle(&t);
	assert_int_equal(hist_at(&t.offer, 1), 30000);
	assert_int_equal(t.counts.arrived, 1);
	assert_int_equal(t.counts.answered, 1);
	assert_int_equal(t.counts.completed, 1);
	assert_int_equal(t.counts.dropped, 0);
	traffic_close(&t);
}

static void
drops(void **state)
{
	struct traffic t;

	(void)state;
	traffic_open(&t, &(struct rests){0});
	line(&t, SIPP_CALLERS, 100.0, "ok sent-away 491");
	line(&t, SIPP_CALLERS, 100.0, "ok given-up 492");
	line(&t, SIPP_CALLERS, 100.0, "ok hangs-up 493");
	line(&t, SIPP_CALLERS, 100.0, "ok drained 494");
	line(&t, SIPP_CALLERS, 101.0, "bye_in sent-away 491");
	line(&t, SIPP_CALLERS, 101.0, "bye_out hangs-up 493");
	line(&t, SIPP_CALLERS, 101.1, "bye_ok hangs-up 493");
	traffic_failed(&t, "given-up");
	traffic_failed(&t, "nobody");
	traffic_settle(&t);
	assert_int_equal(t.counts.dropped, 2);
	t.draining = true;
	line(&t, SIPP_CALLERS, 102.0, "bye_in drained 494");
	traffic_settle(&t);
	assert_int_equal(t.counts.dropped, 2);
	assert_int_equal(t.counts.over, 4);
	assert_int_equal(t.counts.completed, 0);
	expect(&t, 0, 0, 0);
	traffic_close(&t);
}

/* The logs are read one after the other: the agent's answer after the caller's end. */
static void
short_calls(void **state)
{
	struct traffic t;

	(void)state;
	traffic_open(&t, &(struct rests){0});
	line(&t, SIPP_CALLERS, 100.0, "ok s1 491");
	line(&t, SIPP_CALLERS, 100.0, "ok s2 491");
	event(&t, "call_entered", 100010, "\"call\":\"c-1\",\"sip_call_id\":\"s1\"");
	line(&t, SIPP_CALLERS, 100.05, "bye_in s1 491");
	line(&t, SIPP_CALLERS, 100.05, "bye_in s2 491");
	line(&t, SIPP_AGENTS, 100.02, "invite l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 100.03, "ack l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 100.04, "bye_out l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 100.02, "invite l2 a2 c-2.1");
	line(&t, SIPP_AGENTS, 100.03, "ack l2 a2 c-2.1");
	traffic_settle(&t);
	assert_int_equal(t.counts.completed, 1);
	event(&t, "call_entered", 100010, "\"call\":\"c-2\",\"sip_call_id\":\"s2\"");
	traffic_settle(&t);
	assert_int_equal(t.counts.completed, 2);
	assert_int_equal(t.counts.dropped, 0);
	assert_int_equal(t.counts.over, 2);
	traffic_close(&t);
}

/* mqsd's word is read before the line of the caller it is about, which was written first. */
static void
told_before_seen(void **state)
{
	struct traffic t;

	(void)state;
	traffic_open(&t, &(struct rests){0});
	line(&t, SIPP_REGISTER, 99.0, "registered r a1");
	event(&t, "call_entered", 100010, "\"call\":\"c-1\",\"sip_call_id\":\"s1\"");
	event(&t, "call_entered", 100010, "\"call\":\"x-1\",\"sip_call_id\":\"of another\"");
	traffic_settle(&t);
	line(&t, SIPP_CALLERS, 100.0, "invite s1 491");
	line(&t, SIPP_CALLERS, 100.005, "ok s1 491");
	line(&t, SIPP_AGENTS, 100.02, "invite l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 100.03, "ack l1 a1 c-1.1");
	traffic_settle(&t);
	assert_int_equal(hist_at(&t.offer, 1), 15000);
	line(&t, SIPP_AGENTS, 130.0, "bye_out l1 a1 c-1.1");
	line(&t, SIPP_CALLERS, 130.01, "bye_in s1 491");
	traffic_settle(&t);
	line(&t, SIPP_CALLERS, 140.0, "invite s2 491");
	traffic_settle(&t);
	assert_int_equal(t.counts.completed, 1);
	assert_int_equal(t.counts.dropped, 0);
	assert_true(TAILQ_EMPTY(&t.told));
	traffic_close(&t);
}

/* Of others' calls mqsd may tell for hours. */
static void
told_of_others(void **state)
{
	char fields[64];
	struct traffic t;
	int i;

	(void)state;
	traffic_open(&t, &(struct rests){0});
	for (i = 0; i < 5000; i++) {
		snprintf(fields, sizeof(fields), "\"call\":\"x-%d\",\"sip_call_id\":\"o%d\"", i, i);
		event(&t, "call_entered", 100000, fields);
	}
	assert_true(t.told_count <= 1000);
	line(&t, SIPP_CALLERS, 100.0, "invite o4999 491");
	traffic_settle(&t);
	assert_string_equal(traffic_find_caller(&t, "x-4999")->sip_id, "o4999");
	traffic_close(&t);
}

/* Between the two BYEs of a conversation nobody waits; neither does it hide who waits. */
static void
parting(void **state)
{
	struct traffic t;

	(void)state;
	traffic_open(&t, &(struct rests){0});
	line(&t, SIPP_CALLERS, 100.0, "ok s1 491");
	event(&t, "call_entered", 100010, "\"call\":\"c-1\",\"sip_call_id\":\"s1\"");
	line(&t, SIPP_AGENTS, 100.02, "invite l1 a1 c-1.1");
	traffic_settle(&t);
	line(&t, SIPP_AGENTS, 101.0, "ack l1 a1 c-1.1");
	expect(&t, 1, 0, 1);
	line(&t, SIPP_AGENTS, 110.0, "bye_out l1 a1 c-1.1");
	expect(&t, 1, 0, 0);
	line(&t, SIPP_CALLERS, 110.01, "bye_in s1 491");
	expect(&t, 0, 0, 0);
	line(&t, SIPP_CALLERS, 120.0, "ok s2 492");
	line(&t, SIPP_CALLERS, 120.0, "ok s3 493");
	event(&t, "call_entered", 120010, "\"call\":\"c-2\",\"sip_call_id\":\"s2\"");
	line(&t, SIPP_AGENTS, 120.02, "invite l2 a1 c-2.1");
	line(&t, SIPP_AGENTS, 121.0, "ack l2 a1 c-2.1");
	traffic_settle(&t);
	expect(&t, 2, 1, 1);
	line(&t, SIPP_CALLERS, 125.0, "bye_out s2 492");
	line(&t, SIPP_CALLERS, 125.01, "bye_ok s2 492");
	expect(&t, 1, 1, 1);
	line(&t, SIPP_AGENTS, 125.02, "bye_in l2 a1 c-2.1");
	expect(&t, 1, 1, 0);
	traffic_close(&t);
}

/* Who answered has gone before the caller was there, or the caller is never told: it waits on. */
static void
put_back(void **state)
{
	struct traffic t;

	(void)state;
	traffic_open(&t, &(struct rests){0});
	line(&t, SIPP_CALLERS, 100.0, "ok s1 491");
	line(&t, SIPP_AGENTS, 100.02, "invite l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 101.0, "ack l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 101.0, "bye_out l1 a1 c-1.1");
	expect(&t, 1, 1, 0);
	event(&t, "call_entered", 100010, "\"call\":\"c-1\",\"sip_call_id\":\"s1\"");
	traffic_settle(&t);
	expect(&t, 1, 0, 0);
	line(&t, SIPP_CALLERS, 106.0, "invite s9 499");
	traffic_settle(&t);
	expect(&t, 1, 1, 0);
	line(&t, SIPP_AGENTS, 107.0, "invite l2 a2 c-1.2");
	line(&t, SIPP_AGENTS, 108.0, "ack l2 a2 c-1.2");
	expect(&t, 1, 0, 1);
	traffic_close(&t);
}

/* What SIPp gave up is over for both sides, and the agent is free again. */
static void
legs_given_up(void **state)
{
	struct traffic t;

	(void)state;
	traffic_open(&t, &(struct rests){.wrapup_us = 2000000});
	line(&t, SIPP_REGISTER, 99.0, "registered r a1");
	line(&t, SIPP_CALLERS, 100.0, "ok s1 491");
	line(&t, SIPP_CALLERS, 100.0, "ok s2 492");
	event(&t, "call_entered", 100010, "\"call\":\"c-1\",\"sip_call_id\":\"s1\"");
	event(&t, "call_entered", 100010, "\"call\":\"c-2\",\"sip_call_id\":\"s2\"");
	line(&t, SIPP_AGENTS, 100.02, "invite l1 a1 c-1.1");
	line(&t, SIPP_AGENTS, 100.5, "ack l1 a1 c-1.1");
	traffic_settle(&t);
	expect(&t, 2, 1, 1);
	line(&t, SIPP_CALLERS, 110.0, "bye_in s1 491");
	traffic_failed(&t, "l1");
	traffic_failed(&t, "l1");
	traffic_settle(&t);
	expect(&t, 1, 1, 0);
	traffic_interval(&t);
	line(&t, SIPP_AGENTS, 112.01, "invite l2 a1 c-2.1");
	traffic_settle(&t);
	assert_int_equal(hist_at(&t.offer, 1), 10000);
	traffic_close(&t);
}

/* What has ended is forgotten, and what comes late of it changes nothing. */
static void
forgets(void **state)
{
	char text[64];
	struct traffic t;
	int i;

	(void)state;
	traffic_open(&t, &(struct rests){0});
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "ok s%d 491", i);
		line(&t, SIPP_CALLERS, 100 + i, text);
		snprintf(text, sizeof(text), "bye_in s%d 491", i);
		line(&t, SIPP_CALLERS, 100 + i, text);
		traffic_settle(&t);
		traffic_sipp(&t, SIPP_CALLERS, "no line of ours");
		event(&t, "call_bridged", 100000, "\"call\":\"c-9\",\"leg\":\"c-9.1\"");
	}
	assert_int_equal(t.counts.over, 1000);
	i = 0;
	while (TAILQ_FIRST(&t.ended) != NULL && i++ < 1000)
		line(&t, SIPP_CALLERS, 100000 + i, "ok s 491"), traffic_settle(&t);
	assert_true(i < 10);
	traffic_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_calls),	  cmocka_unit_test(drops),
		cmocka_unit_test(short_calls),	  cmocka_unit_test(legs_given_up),
		cmocka_unit_test(forgets),	  cmocka_unit_test(told_before_seen),
		cmocka_unit_test(told_of_others), cmocka_unit_test(parting),
		cmocka_unit_test(put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
