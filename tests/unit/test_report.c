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
#include "loadtest/report.h"
#include "loadtest/witness_event.h"
#include "loadtest/witness_sipp.h"

#define AT(s) "2026-11-23\t09:45:49.309425\t" s " "

static void
line(struct evidence *e, enum sipp_role role, const char *text)
{
	assert_int_equal(witness_sipp_line(e, role, text), 0);
}

/* One agent, two callers at 100.0 s; the second waits until the agent is free at 106.1 s + 2 s of
 * wrap-up. */
static void
two_calls(struct evidence *e)
{
	line(e, SIPP_REGISTER, AT("99.000000") "registered r a1");
	line(e, SIPP_CALLERS, AT("100.000000") "invite s1 491");
	line(e, SIPP_CALLERS, AT("100.000000") "invite s2 492");
	line(e, SIPP_CALLERS, AT("100.100000") "ok s1 491");
	line(e, SIPP_CALLERS, AT("100.200000") "ok s2 492");
	line(e, SIPP_AGENTS, AT("100.120000") "invite l1 a1 c-1.1");
	line(e, SIPP_AGENTS, AT("101.000000") "ok l1 a1 c-1.1");
	line(e, SIPP_AGENTS, AT("101.001000") "ack l1 a1 c-1.1");
	line(e, SIPP_AGENTS, AT("106.000000") "bye_out l1 a1 c-1.1");
	line(e, SIPP_AGENTS, AT("106.100000") "bye_ok l1 a1 c-1.1");
	line(e, SIPP_CALLERS, AT("106.010000") "bye_in s1 491");
	line(e, SIPP_AGENTS, AT("108.130000") "invite l2 a1 c-2.1");
	line(e, SIPP_AGENTS, AT("109.000000") "ok l2 a1 c-2.1");
	line(e, SIPP_AGENTS, AT("109.001000") "ack l2 a1 c-2.1");
	line(e, SIPP_AGENTS, AT("114.000000") "bye_out l2 a1 c-2.1");
	line(e, SIPP_AGENTS, AT("114.100000") "bye_ok l2 a1 c-2.1");
	line(e, SIPP_CALLERS, AT("114.010000") "bye_in s2 492");
}

static void
event(struct evidence *e, const char *name, double at, const char *fields)
{
	char *text = mem_printf("1-1\t%s\t{\"at\":%.0f,\"queue\":\"q\",%s}", name, at, fields);

	assert_int_equal(witness_event_line(e, "q", NULL, text), 0);
	free(text);
}

static void
told(struct evidence *e, const char *second_reason)
{
	char *ended = mem_printf("\"call\":\"c-2\",\"reason\":\"%s\"", second_reason);

	event(e, "call_entered", 100100, "\"call\":\"c-1\",\"sip_call_id\":\"s1\",\"node\":\"n1\"");
	event(e, "call_entered", 100200, "\"call\":\"c-2\",\"sip_call_id\":\"s2\",\"node\":\"n1\"");
	event(e, "call_bridged", 101010, "\"call\":\"c-1\",\"agent\":\"a1\",\"leg\":\"c-1.1\"");
	event(e, "call_bridged", 109020, "\"call\":\"c-2\",\"agent\":\"a1\",\"leg\":\"c-2.1\"");
	event(e, "call_ended", 106005, "\"call\":\"c-1\",\"reason\":\"agent_left\"");
	event(e, "call_ended", 114005, ended);
	e->mqsd_heard = true;
	free(ended);
}

static json_t *
judge(struct evidence *e, int *status, char **text)
{
	struct verdict v;
	struct measure m;
	json_t *meta = json_pack("{s:s, s:i, s:i}", "profile", "smoke", "seed", 3, "logged_in", 1),
	       *json;
	struct report r = {meta, e, &v, &m, NULL};
	size_t size;
	FILE *out = open_memstream(text, &size);

	verdict_reach(&v, e, &verdict_default_rules);
	measure_take(&m, e, &(struct rests){.wrapup_us = 2000000});
	json = report_json(&r);
	*status = report_status(json);
	report_text(json, out);
	fclose(out);
	verdict_free(&v);
	measure_free(&m);
	evidence_free(e);
	json_decref(meta);
	return json;
}

static double
figure(const json_t *json, const char *a, const char *b, const char *c)
{
	json = json_object_get(json_object_get(json, a), b);
	return json_number_value(c != NULL ? json_object_get(json, c) : json);
}

static const char *
last_line(char *text)
{
	char *end = text + strlen(text);

	assert_true(end > text && end[-1] == '\n');
	end[-1] = '\0';
	end = strrchr(text, '\n');
	return end != NULL ? end + 1 : text;
}

static void
good_run(void **state)
{
	struct evidence e = {0};
	char *text;
	json_t *json;
	int status;

	(void)state;
	two_calls(&e);
	told(&e, "agent_left");
	json = judge(&e, &status, &text);
	assert_int_equal(status, 0);
	assert_string_equal(last_line(text), "smoke: 2 calls, 0 dropped, 0 disagreements");
	assert_int_equal(figure(json, "calls", "originated", NULL), 2);
	assert_int_equal(figure(json, "calls", "completed", NULL), 2);
	assert_int_equal(figure(json, "calls", "bridged", NULL), 2);
	assert_int_equal(figure(json, "agents", "registered", NULL), 1);
	assert_int_equal(figure(json, "agents", "logged_in", NULL), 1);
	assert_int_equal(figure(json, "agents", "peak_talking", NULL), 1);
	assert_int_equal(figure(json, "peak", "concurrent_calls", NULL), 2);
	assert_int_equal(figure(json, "peak", "waiting", NULL), 2);
	/* First offer: from the caller's 200; second: from the BYE's answer and the wrap-up. */
	assert_float_equal(figure(json, "latency_ms", "offer", "p50"), 20, 0.01);
	assert_float_equal(figure(json, "latency_ms", "offer", "max"), 30, 0.01);
	assert_float_equal(figure(json, "latency_ms", "connect", "max"), 20.5, 0.01);
	assert_int_equal(figure(json, "witnesses", "disagreements", NULL), 0);
	assert_int_equal(json_integer_value(json_object_get(json, "seed")), 3);
	json_decref(json);
	free(text);
}

/* All three witnesses of the first call of two_calls(), in the order of time. */
static void
is_story(const json_t *line)
{
	static const char *const witnesses[] = {"callers' SIPp", "agents' SIPp", "mqsd"};
	double before = -1, t;
	const char *who;
	size_t i, k, of[3] = {0};
	json_t *row;

	json_array_foreach((json_t *)line, i, row)
	{
		t = json_number_value(json_object_get(row, "t"));
		assert_true(t >= before);
		before = t;
		who = json_string_value(json_object_get(row, "witness"));
		assert_non_null(json_string_value(json_object_get(row, "what")));
		for (k = 0; k < 3; k++)
			of[k] += strcmp(who, witnesses[k]) == 0;
	}
	assert_int_equal(of[0], 2); /* INVITE, 200 */
	assert_true(of[1] >= 4);
	assert_int_equal(of[2], 3);
}

static void
bad_run(void **state)
{
	struct evidence e = {0};
	const json_t *drop;
	char *text;
	json_t *json;
	int status;

	(void)state;
	two_calls(&e);
	told(&e, "abandoned");
	e.callers[0].bye_in = 0;
	json = judge(&e, &status, &text);
	assert_int_equal(status, 1);
	assert_non_null(strstr(text, "call c-1, Call-ID s1: callers' SIPp: "));
	assert_string_equal(last_line(text), "smoke: 2 calls, 1 dropped, 1 disagreements");
	assert_int_equal(figure(json, "drops", "server", NULL), 1);
	assert_int_equal(figure(json, "drops", "total", NULL), 1);
	drop = json_array_get(json_object_get(json_object_get(json, "drops"), "list"), 0);
	assert_string_equal(json_string_value(json_object_get(drop, "call")), "c-1");
	assert_string_equal(json_string_value(json_object_get(drop, "sip_call_id")), "s1");
	assert_string_equal(json_string_value(json_object_get(drop, "class")), "server");
	assert_string_equal(json_string_value(json_object_get(drop, "cause")), "failed");
	assert_non_null(strstr(text, "dropped (server, failed): "));
	is_story(json_object_get(drop, "timeline"));
	json_decref(json);
	free(text);
}

/* A Call-ID is a stranger's text: the row is there, and harmless to show. */
static void
strange_id(void **state)
{
	struct evidence e = {0};
	const json_t *drop;
	char *text;
	json_t *json;
	int status;

	(void)state;
	line(&e, SIPP_CALLERS, AT("100.000000") "invite s\x1b[2J\xff 491");
	line(&e, SIPP_CALLERS, AT("100.100000") "ok s\x1b[2J\xff 491");
	json = judge(&e, &status, &text);
	assert_int_equal(status, 1);
	drop = json_array_get(json_object_get(json_object_get(json, "drops"), "list"), 0);
	assert_string_equal(json_string_value(json_object_get(drop, "sip_call_id")),
			    "s\\x1b[2J\\xff");
	assert_true(json_array_size(json_object_get(drop, "timeline")) > 0);
	assert_null(strchr(text, '\x1b'));
	json_decref(json);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_run),
		cmocka_unit_test(bad_run),
		cmocka_unit_test(strange_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
