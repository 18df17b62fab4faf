/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/plan.h"

#define CALLS_MAX 4000
#define ROUNDED	  1.0 /* ms: rows have whole ones */

static void
profile_with(struct profile *p, const char *const *assignments)
{
	struct err err;

	profile_init(p, "test");
	for (; *assignments != NULL; assignments++)
		assert_int_equal(profile_set(p, *assignments, &err), 0);
	assert_int_equal(profile_check(p, &err), 0);
}

/* When the calls of all processes come, ms since the first; each row by its place and its wait. */
static size_t
arrivals(const struct profile *p, int count, double at[CALLS_MAX])
{
	double each = (double)count * 1000 / plan_call_rate(p), first;
	size_t n = 0, i, k;
	char *text, *row;
	int number;

	for (number = 0; number < count; number++) {
		text = plan_callers(p, number, count);
		row = strchr(text, '\n') + 1;
		for (i = 0; *row != '\0'; i++, n++) {
			long before;

			assert_int_equal(sscanf(row, "%*[^;];%*[^;];%ld;", &before), 1);
			assert_true(before >= 0);
			k = i * (size_t)count + (size_t)number;
			assert_true(k < CALLS_MAX);
			at[k] = (double)(i + 1) * each + (double)before;
			row = strchr(row, '\n') + 1;
		}
		free(text);
	}
	for (first = at[0], i = 0; i < n; i++)
		at[i] -= first;
	return n;
}

/* In order, and never faster than max_call_rate. */
static void
in_order(const double *at, size_t n, double max_call_rate)
{
	size_t i;

	for (i = 1; i < n; i++)
		assert_true(at[i] - at[i - 1] >= 1000 / max_call_rate - 2 * ROUNDED);
}

static void
same_seed_same_bytes(const struct profile *p)
{
	struct profile other = *p;
	char *rows[3];
	int i;

	rows[0] = plan_callers(p, 0, 1);
	rows[1] = plan_callers(p, 0, 1);
	other.seed = p->seed + 1;
	rows[2] = plan_callers(&other, 0, 1);
	assert_string_equal(rows[0], rows[1]);
	/* Only what is drawn differs. */
	assert_true((strcmp(rows[0], rows[2]) != 0) == (p->arrivals == ARRIVALS_POISSON));
	for (i = 0; i < 3; i++)
		free(rows[i]);
}

static void
steady(void **state)
{
	static const char *const some[] = {"arrivals=steady", "calls=500", "call_rate=8",
					   "speed=2.5", NULL};
	double at[CALLS_MAX];
	struct profile p;
	size_t i, n;

	(void)state;
	profile_with(&p, some);
	n = arrivals(&p, 1, at);
	assert_int_equal(n, 500);
	for (i = 0; i < n; i++)
		assert_true(fabs(at[i] - (double)i * 50) <= ROUNDED);
	same_seed_same_bytes(&p);
	profile_free(&p);
}

static void
poisson(void **state)
{
	static const char *const some[] = {"arrivals=poisson", "calls=4000", "call_rate=20",
					   "max_call_rate=400", NULL};
	double at[CALLS_MAX], mean, squares = 0;
	struct profile p;
	size_t i, n;

	(void)state;
	profile_with(&p, some);
	n = arrivals(&p, 1, at);
	assert_int_equal(n, 4000);
	in_order(at, n, 400);
	mean = at[n - 1] / (double)(n - 1);
	assert_true(fabs(mean - 50) <= 50 * 0.05);
	/* Gaps of that kind differ by about their mean. */
	for (i = 1; i < n; i++)
		squares += pow(at[i] - at[i - 1] - mean, 2);
	assert_true(fabs(sqrt(squares / (double)(n - 1)) / mean - 1) <= 0.1);
	same_seed_same_bytes(&p);
	profile_free(&p);
}

static void
burst(void **state)
{
	static const char *const some[] = {"arrivals=burst", "calls=100",	 "call_rate=2",
					   "burst_s=10",     "max_call_rate=50", NULL};
	double at[CALLS_MAX];
	struct profile p;
	size_t i, n;

	(void)state;
	profile_with(&p, some);
	n = arrivals(&p, 1, at);
	assert_int_equal(n, 100);
	in_order(at, n, 50);
	/* Twenty at once each ten seconds. */
	for (i = 0; i < n; i++)
		assert_true(fabs(at[i] - (double)(i / 20) * 10000 - (double)(i % 20) * 20) <=
			    ROUNDED);
	same_seed_same_bytes(&p);
	profile_free(&p);
}

static size_t
come_by(const double *at, size_t n, double ms)
{
	size_t i;

	for (i = 0; i < n && at[i] < ms; i++)
		;
	return i;
}

static void
ramp(void **state)
{
	static const char *const some[] = {"arrivals=ramp", "calls=600", "call_rate=10",
					   "ramp_s=60", NULL};
	double at[CALLS_MAX];
	struct profile p;
	size_t n;

	(void)state;
	profile_with(&p, some);
	n = arrivals(&p, 1, at);
	assert_int_equal(n, 600);
	in_order(at, n, 100);
	/* Half the rate on average, a quarter in the first half; then all of it. */
	assert_in_range(come_by(at, n, 60000), 299, 301);
	assert_in_range(come_by(at, n, 30000), 74, 76);
	assert_in_range(come_by(at, n, 80000) - come_by(at, n, 70000), 99, 101);
	same_seed_same_bytes(&p);
	profile_free(&p);
}

/* However many processes start them. */
static void
processes_keep_the_times(void **state)
{
	static const char *const some[] = {"arrivals=poisson", "calls=300", "call_rate=20", NULL};
	double one[CALLS_MAX], three[CALLS_MAX];
	struct profile p;
	size_t i, n;

	(void)state;
	profile_with(&p, some);
	n = arrivals(&p, 1, one);
	assert_int_equal(arrivals(&p, 3, three), n);
	for (i = 0; i < n; i++)
		assert_true(fabs(one[i] - three[i]) <= 2 * ROUNDED);
	profile_free(&p);
}

/* duration_s ends it where no number does. */
static void
a_time_ends_it(void **state)
{
	static const char *const some[] = {"arrivals=steady", "duration_s=30", "call_rate=10",
					   NULL};
	struct profile p;

	(void)state;
	profile_with(&p, some);
	assert_in_range(plan_calls(&p), 299, 301);
	profile_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady),
		cmocka_unit_test(poisson),
		cmocka_unit_test(burst),
		cmocka_unit_test(ramp),
		cmocka_unit_test(processes_keep_the_times),
		cmocka_unit_test(a_time_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
