#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/unit/verdict_scene.h"

static size_t
violations(struct evidence *e, const struct verdict_rules *rules, const char *rule,
	   const char *text)
{
	struct verdict v;
	size_t n;

	verdict_reach(&v, e, rules);
	assert_int_equal(v.drop_count, 0);
	assert_int_equal(v.disagreement_count, 0);
	n = v.violation_count;
	if (n > 0) {
		assert_string_equal(v.violations[0].rule, rule);
		assert_non_null(strstr(v.violations[0].text, text));
	}
	verdict_free(&v);
	evidence_free(e);
	return n;
}

/* 30 calls, one a second; all but the last five are over after 5 s. */
static size_t
in_progress(const struct verdict_rules *rules)
{
	struct evidence e = {0};
	size_t left_out, i;
	int64_t until;
	char *sip;
	int n;

	for (n = 0; n < 30; n++) {
		whole_call(&e, n);
		e.callers[n].invite = e.legs[n].invite = e.tolds[n].entered = n * S;
		e.callers[n].bye_in = e.legs[n].bye_out = n < 25 ? (n + 5) * S : 0;
	}
	left_out = verdict_trim(&e, rules, &until);
	assert_int_equal(until, 29 * S);
	assert_int_equal(e.caller_count, 30 - left_out);
	assert_int_equal(e.leg_count, 30 - left_out);
	assert_int_equal(e.told_count, 30 - left_out);
	for (i = 0; i < 30; i++) {
		sip = scene_name("s", (int)i);
		assert_int_equal(evidence_find_caller(&e, sip),
				 i < e.caller_count ? i : NAMES_NONE);
		free(sip);
	}
	if (e.told_count > 0)
		assert_int_equal(evidence_caller_of(&e, &e.tolds[e.told_count - 1]),
				 e.told_count - 1);
	evidence_free(&e);
	return left_out;
}

static void
judged_so_far(void **state)
{
	static const struct {
		struct verdict_fault fault;
		size_t left_out;
	} rows[] = {
		{{0, 0}, 15}, /* the last line is at 29 s: what ended until 19 s is judged */
		{{S, 10 * S}, 15},
		{{15 * S, 24 * S}, 15}, /* what ended in it was due 5 s ago */
		{{15 * S, 26 * S}, 25}, /* what it held up may come yet: only until 9 s */
		{{15 * S, INT64_MAX}, 25},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict_rules rules = verdict_default_rules;

		rules.faults = &rows[i].fault;
		rules.fault_count = 1;
		assert_int_equal(in_progress(&rules), rows[i].left_out);
	}
}

static void
one_agent_two_calls(void **state)
{
	const struct verdict_fault fault = {.from = T, .until = T + S};
	struct verdict_rules rules = verdict_default_rules;
	struct evidence e = {0};
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		rules.faults = &fault;
		rules.fault_count = round == 1;
		whole_call(&e, 0);
		whole_call(&e, 1);
		e.legs[1].agent = evidence_word(&e, "a0");
		e.tolds[1].agent = evidence_word(&e, "a0");
		e.legs[1].invite = T + 6 * S;
		assert_int_equal(violations(&e, &rules, "one-phone", "for c-1 while in call c-0"),
				 round == 0);
	}
	/* At once is not too early. */
	whole_call(&e, 0);
	whole_call(&e, 1);
	e.legs[1].agent = evidence_word(&e, "a0");
	e.tolds[1].agent = evidence_word(&e, "a0");
	e.legs[1].invite = T + 7 * S;
	assert_int_equal(violations(&e, &verdict_default_rules, "", ""), 0);
}

/* The agent of whole_call() talks for 5 s. */
static void
talk_time(void **state)
{
	static const struct {
		const char *row;
		size_t violations;
	} rows[] = {
		{"a0;500;5000", 0}, {"a0;500;5900", 0},	 {"a0;500;4100;x", 0}, {"a0;500;6100", 1},
		{"a0;500;3900", 1}, {"a1;500;90000", 0}, {"a0;500;", 0},       {"a0;500;10s", 0},
		{"SEQUENTIAL", 0},  {";500;1", 0},
	};
	struct verdict_rules rules = verdict_default_rules;
	struct scripted scripted;
	struct evidence e = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scripted = (struct scripted){.agents = {0}};
		scripted_line(&scripted, rows[i].row);
		rules.scripted = &scripted;
		whole_call(&e, 0);
		assert_int_equal(violations(&e, &rules, "talk-time", "agent a0 held call c-0"),
				 rows[i].violations);
		scripted_free(&scripted);
	}
	/* The caller left. */
	scripted = (struct scripted){.agents = {0}};
	assert_int_equal(scripted_line(&scripted, "a0;500;90000"), 0);
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = T + 6 * S;
	e.callers[0].bye_ok = T + 6 * S + 1000;
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[0].bye_in = T + 6 * S + 5000;
	e.tolds[0].reason = evidence_word(&e, "caller_left");
	assert_int_equal(violations(&e, &rules, "", ""), 0);
	scripted_free(&scripted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judged_so_far),
		cmocka_unit_test(one_agent_two_calls),
		cmocka_unit_test(talk_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
