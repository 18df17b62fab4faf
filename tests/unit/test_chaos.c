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
#include "loadtest/chaos.h"
#include "loadtest/chaos_report.h"

static const struct lab_options whole = {
	.nodes = 4, .mqsds = 2, .replicas = 2, .sentinels = 3, .netns = true};
static const struct lab_options small = {.nodes = 1, .mqsds = 1};

static char *
plan_text(const struct chaos_plan *plan)
{
	char *text = mem_dup(""), *line, *more;
	size_t i;

	for (i = 0; i < plan->count; i++) {
		line = chaos_act_text(&plan->acts[i]);
		more = mem_printf("%s%s\n", text, line);
		free(line);
		free(text);
		text = more;
	}
	return text;
}

static void
faults_are_sound(void **state)
{
	const struct chaos_fault *f;
	size_t i;

	(void)state;
	for (i = 0; i < chaos_fault_count; i++) {
		f = &chaos_faults[i];
		assert_ptr_equal(chaos_fault_find(f->name), f);
		assert_true(f->min_ms <= f->max_ms);
		assert_int_equal(f->netns, strcmp(f->begin, "cut") == 0);
		assert_true(f->other == NULL || f->netns);
		/* Whatever a fault holds down is let go. */
		assert_int_equal(f->end != NULL, strcmp(f->begin, "flushall") != 0);
		assert_true(!f->loses || f->kind == LAB_ASTERISK);
		assert_true(chaos_fault_fits(f, &whole));
		assert_true(!f->netns || !chaos_fault_fits(f, &small));
	}
	assert_null(chaos_fault_find("earthquake"));
}

static void
a_seed_is_a_plan(void **state)
{
	struct chaos_plan a, b, c;
	char *text, *again;
	struct err err;

	(void)state;
	chaos_plan_draw(&a, &whole, 7, 1800000, 20000);
	chaos_plan_draw(&b, &whole, 7, 1800000, 20000);
	assert_int_equal(a.count, 90);
	text = plan_text(&a);
	again = plan_text(&b);
	assert_string_equal(text, again);
	free(again);
	/* What is printed can be read. */
	assert_int_equal(chaos_plan_read(&c, text, &err), 0);
	again = plan_text(&c);
	assert_string_equal(text, again);
	free(again);
	chaos_plan_free(&b);
	chaos_plan_draw(&b, &whole, 8, 1800000, 20000);
	again = plan_text(&b);
	assert_string_not_equal(text, again);
	free(again);
	free(text);
	assert_true(chaos_plan_ms(&a) >= 1800000);
	chaos_plan_free(&a);
	chaos_plan_free(&b);
	chaos_plan_free(&c);
}

static void
each_fault_has_its_turn(void **state)
{
	struct chaos_plan plan;
	size_t i, j, seen;

	(void)state;
	chaos_plan_draw(&plan, &whole, 3, (int64_t)chaos_fault_count * 1000, 1000);
	for (i = 0; i < chaos_fault_count; i++) {
		for (j = 0, seen = 0; j < plan.count; j++)
			seen += plan.acts[j].fault == &chaos_faults[i];
		assert_int_equal(seen, 1);
	}
	chaos_plan_free(&plan);
	/* No replica, no Sentinel, no namespaces: what needs them is left out. */
	chaos_plan_draw(&plan, &small, 3, 100000, 1000);
	for (i = 0; i < plan.count; i++)
		assert_true(chaos_fault_fits(plan.acts[i].fault, &small));
	chaos_plan_free(&plan);
}

static void
blows_come_at_random(void **state)
{
	const struct chaos_fault *kill = chaos_fault_find("mqsd-kill");
	struct chaos_plan plan;
	int64_t sum = 0;
	size_t i;

	(void)state;
	chaos_plan_repeat(&plan, &small, 1, kill, 100, 3000);
	assert_int_equal(plan.count, 100);
	for (i = 0; i < plan.count; i++) {
		assert_ptr_equal(plan.acts[i].fault, kill);
		assert_string_equal(plan.acts[i].server, "mqsd-1");
		assert_in_range(plan.acts[i].pause_ms, 0, 3000);
		sum += plan.acts[i].pause_ms;
	}
	assert_in_range(sum / 100, 1000, 2000);
	chaos_plan_free(&plan);
}

static void
broken_plans(void **state)
{
	static const char *const rows[][2] = {
		{"", "the plan has no fault"},
		{"# nothing\n\n", "the plan has no fault"},
		{"0 mqsd-kill mqsd-1 -\n",
		 "line 1 of the plan: PAUSE FAULT SERVER OTHER LASTS is wanted"},
		{"# x\n0 flood a1 - 5\n", "line 2 of the plan: there is no fault flood"},
		{"-1 mqsd-kill mqsd-1 - 5\n",
		 "line 1 of the plan: PAUSE FAULT SERVER OTHER LASTS is wanted"},
		{"0 mqsd-kill mqsd-1 - 700000\n",
		 "line 1 of the plan: PAUSE FAULT SERVER OTHER LASTS is wanted"},
	};
	struct chaos_plan plan;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(chaos_plan_read(&plan, rows[i][0], &err), -1);
		assert_string_equal(err.text, rows[i][1]);
	}
	assert_int_equal(chaos_plan_read(&plan, "5 mqsd-cut-node mqsd-2 a1 9", &err), 0);
	assert_string_equal(plan.acts[0].other, "a1");
	chaos_plan_free(&plan);
}

/* What a run leaves in run.json decides about its exit status. */
static void
reports(void **state)
{
	static const struct {
		const char *json, *line;
		int status;
	} rows[] = {
		{"{\"plan\":[\"p\",\"p\"],\"done\":[{\"late\":false},{\"late\":false}]}",
		 "2 of 2 faults made, 0 late", 0},
		{"{\"plan\":[\"p\",\"p\"],\"done\":[{\"late\":false},{\"late\":true}]}",
		 "2 of 2 faults made, 1 late", 1},
		{"{\"plan\":[\"p\",\"p\"],\"done\":[{\"late\":false}]}",
		 "1 of 2 faults made, 0 late", 1},
	};
	char line[96];
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json = json_loads(rows[i].json, 0, NULL);
		assert_non_null(json);
		assert_string_equal(chaos_report_line(json, line, sizeof(line)), rows[i].line);
		assert_int_equal(chaos_report_status(json), rows[i].status);
		json_decref(json);
	}
}

/* Each fault until its deadline, as a run that was killed leaves it, too. */
static void
faults_by_their_deadlines(void **state)
{
	json_t *chaos = json_loads("{\"done\":[{\"at_ms\":1000,\"lasted_ms\":2000},"
				   "{\"at_ms\":9000,\"lasted_ms\":100,\"passes\":true},"
				   "{\"at_ms\":50000,\"lasted_ms\":-1,\"passes\":true}]}",
				   0, NULL);
	struct verdict_fault *faults;
	size_t count;

	(void)state;
	assert_non_null(chaos);
	faults = chaos_report_faults(chaos, &count);
	assert_int_equal(count, 3);
	assert_int_equal(faults[0].from, 1000000);
	assert_int_equal(faults[0].until, (1000 + 2000 + CHAOS_STEADY_MS) * 1000);
	assert_int_equal(faults[1].until, (9000 + CHAOS_TAKE_MS) * 1000);
	assert_true(faults[2].until == INT64_MAX);
	free(faults);
	json_decref(chaos);
}

/* The first fault waits for so many calls, so they must come about. */
static void
enough_to_begin(void **state)
{
	struct profile p;

	(void)state;
	profile_init(&p, "test");
	p.call_rate = 12;
	p.talk_s = 36;
	p.callers = 1000;
	assert_int_equal(chaos_fill_calls(&p), 324);
	p.callers = 200;
	assert_int_equal(chaos_fill_calls(&p), 150);
	p.arrivals = ARRIVALS_STEADY;
	assert_int_equal(chaos_fill_calls(&p), 324);
	p.speed = 4;
	assert_int_equal(chaos_fill_calls(&p), 324);
	p.arrivals = ARRIVALS_CLOSED;
	assert_int_equal(chaos_fill_calls(&p), 81);
	profile_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_sound),
		cmocka_unit_test(a_seed_is_a_plan),
		cmocka_unit_test(each_fault_has_its_turn),
		cmocka_unit_test(blows_come_at_random),
		cmocka_unit_test(broken_plans),
		cmocka_unit_test(reports),
		cmocka_unit_test(faults_by_their_deadlines),
		cmocka_unit_test(enough_to_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
