/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/replay.h"

static const char csv[] = "SEQUENTIAL\n"
			  "491;864000000;0;1000\n"
			  "493;700;12;1000-2\n"
			  "SEQUENTIAL\n"
			  "492;5000;3;1000\n";

static void
profile_of(struct profile *p, const char *max_call_rate)
{
	struct err err;

	profile_init(p, "smoke");
	assert_int_equal(profile_set(p, max_call_rate, &err), 0);
}

/* Of a process' rows: number, and when its call comes by its start and its wait, ms. */
static size_t
arrivals(const char *text, double rate, char numbers[][16], double *at)
{
	size_t n = 0;
	long before;
	int len;

	assert_memory_equal(text, "SEQUENTIAL\n", 11);
	for (text += 11; *text != '\0'; text += len, n++) {
		assert_int_equal(
			sscanf(text, "%15[^;];%*[^;];%ld;%*[^\n]\n%n", numbers[n], &before, &len),
			2);
		assert_true(before >= 0);
		at[n] = (double)(n + 1) * 1000 / rate + (double)before;
	}
	return n;
}

static void
calls_come_as_they_did(void **state)
{
	/* The last two nearly at once: SIPp can't start them so, hence they all come later. */
	static const struct replay_call calls[] = {
		{7000000, "493"}, {7250000, "491"}, {7251000, "492"}};
	struct replay r = {0};
	struct profile p;
	struct kit kit;
	struct err err;
	char numbers[3][16];
	double at[3];

	(void)state;
	profile_of(&p, "max_call_rate=2");
	replay_narrow(&p, calls, 3, INT64_MAX);
	kit_plan(&kit, &p);
	assert_int_equal(kit.rows[0].calls, 3);
	assert_int_equal(kit.rows[0].limit, 3);
	assert_int_equal(replay_rows(&r, calls, 3, csv, &kit, &err), 0);
	assert_int_equal(arrivals(r.callers[0], kit.rows[0].rate, numbers, at), 3);
	assert_string_equal(numbers[0], "493");
	assert_string_equal(numbers[1], "491");
	assert_string_equal(numbers[2], "492");
	assert_true(fabs(at[1] - at[0] - 250) <= 1);
	assert_true(fabs(at[2] - at[1] - 1) <= 1);
	assert_int_equal(replay_last_ms(r.callers[0], &kit.rows[0]), (int64_t)at[2]);
	/* What else stands in a row stays. */
	assert_non_null(strstr(r.callers[0], "493;700;"));
	assert_non_null(strstr(r.callers[0], ";1000-2\n"));
	assert_non_null(strstr(r.callers[0], "491;864000000;"));
	replay_free(&r);
	profile_free(&p);
}

static void
processes_share_them(void **state)
{
	static const struct replay_call calls[] = {{1000, "491"}, {2000, "492"}, {2000000, "493"}};
	struct replay r = {0};
	struct profile p;
	struct kit kit;
	struct err err;
	char numbers[3][16];
	double first[3], second[3];

	(void)state;
	profile_of(&p, "max_call_rate=300");
	replay_narrow(&p, calls, 3, INT64_MAX);
	kit_plan(&kit, &p);
	assert_int_equal(kit.rows[1].role, SIPP_CALLERS);
	assert_int_equal(replay_rows(&r, calls, 3, csv, &kit, &err), 0);
	assert_int_equal(arrivals(r.callers[1], kit.rows[1].rate, numbers, second), 1);
	assert_string_equal(numbers[0], "492");
	assert_int_equal(arrivals(r.callers[0], kit.rows[0].rate, numbers, first), 2);
	assert_string_equal(numbers[1], "493");
	assert_true(fabs(second[0] - first[0] - 1) <= 1);
	assert_true(fabs(first[1] - first[0] - 1999) <= 1);
	replay_free(&r);
	profile_free(&p);
}

static void
a_call_without_a_row(void **state)
{
	static const struct replay_call calls[] = {{1, "499"}};
	struct replay r = {0};
	struct profile p;
	struct kit kit;
	struct err err;

	(void)state;
	profile_of(&p, "max_call_rate=100");
	replay_narrow(&p, calls, 1, INT64_MAX);
	kit_plan(&kit, &p);
	assert_int_equal(replay_rows(&r, calls, 1, csv, &kit, &err), -1);
	assert_non_null(strstr(err.text, "499"));
	replay_free(&r);
	profile_free(&p);
}

/* Agents who were there before the first call are there again; who came 3 s later does so. */
static void
agents_log_in_as_they_did(void **state)
{
	static const struct replay_call calls[] = {{5000000, "491"}};
	struct profile p;

	(void)state;
	profile_of(&p, "agents_login_after_s=60");
	p.speed = 2;
	replay_narrow(&p, calls, 1, 8000000);
	assert_int_equal(p.agents_login_after_s, 6);
	replay_narrow(&p, calls, 1, 4000000);
	assert_int_equal(p.agents_login_after_s, 0);
	profile_free(&p);
}

static void
profile_of_a_run(void **state)
{
	json_t *meta =
		json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:i}}", "profile", "ci", "options", "speed",
			  "1.5", "arrivals", "poisson", "agents", "7", "lab", "nodes", 3);
	struct profile p;
	struct err err;

	(void)state;
	assert_int_equal(replay_profile(meta, &p, &err), 0);
	assert_string_equal(p.name, "ci");
	assert_float_equal(p.speed, 1.5, 0);
	assert_int_equal(p.arrivals, ARRIVALS_POISSON);
	assert_int_equal(p.agents, 7);
	assert_int_equal(p.nodes, 3);
	profile_free(&p);
	json_object_set_new(json_object_get(meta, "options"), "agents", json_string("many"));
	assert_int_equal(replay_profile(meta, &p, &err), -1);
	json_object_del(meta, "options");
	assert_int_equal(replay_profile(meta, &p, &err), -1);
	json_decref(meta);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_come_as_they_did),
		cmocka_unit_test(processes_share_them),
		cmocka_unit_test(a_call_without_a_row),
		cmocka_unit_test(agents_log_in_as_they_did),
		cmocka_unit_test(profile_of_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
