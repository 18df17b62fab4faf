/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "loadtest/plan.h"
#include "loadtest/profile.h"
#include "loadtest/scenario.h"

static void
smoke(struct profile *p)
{
	struct err err = {""};

	if (profile_read(p, "scenarios", "smoke", &err) != 0)
		fail_msg("%s", err.text);
}

static void
reads_smoke(void **state)
{
	struct profile p;
	struct err err;

	(void)state;
	smoke(&p);
	assert_string_equal(p.name, "smoke");
	assert_int_equal(p.callers, 60);
	assert_int_equal(p.agents, 20);
	assert_int_equal(p.nodes, 2);
	assert_int_equal(p.talk_s, 5);
	assert_int_equal(profile_check(&p, &err), 0);
	assert_in_range(plan_expected_s(&p), 10, 60);
	profile_free(&p);
	assert_int_equal(profile_read(&p, "scenarios", "no-such", &err), -1);
	assert_non_null(strstr(err.text, "no-such"));
}

static void
sets(void **state)
{
	static const struct {
		const char *text;
		const char *complaint; /* NULL: taken */
	} rows[] = {
		{"callers=7", NULL},	       {"call_rate=0.5", NULL},
		{"hangup_by=mixed", NULL},     {"drain_hangup=yes", NULL},
		{"callers", "option=value"},   {"callerz=7", "callers"},
		{"callers=x", "callers"},      {"callers=0", "callers"},
		{"hangup_by=me", "hangup_by"}, {"spread=101", "spread"},
		{"seed=-1", "seed"},
	};
	struct profile p;
	struct err err;
	size_t i;

	(void)state;
	smoke(&p);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(profile_set(&p, rows[i].text, &err), rows[i].complaint ? -1 : 0);
		if (rows[i].complaint)
			assert_non_null(strstr(err.text, rows[i].complaint));
	}
	assert_int_equal(p.callers, 7);
	assert_int_equal(p.hangup_by, HANGUP_MIXED);
	assert_int_equal(profile_set(&p, "call_rate=0", &err), 0);
	assert_int_equal(profile_check(&p, &err), -1);
	assert_int_equal(profile_set(&p, "call_rate=1", &err), 0);
	assert_int_equal(profile_set(&p, "answer_delay_ms=15000", &err), 0);
	assert_int_equal(profile_check(&p, &err), -1);
	assert_int_equal(profile_set(&p, "answer_delay_ms=1", &err), 0);
	assert_int_equal(profile_set(&p, "queue=a b", &err), 0);
	assert_int_equal(profile_check(&p, &err), -1);
	profile_free(&p);
}

static char *
callers_with(const char *const *assignments, char **agents)
{
	struct profile p;
	struct err err;
	char *text;

	smoke(&p);
	for (; *assignments != NULL; assignments++)
		assert_int_equal(profile_set(&p, *assignments, &err), 0);
	text = plan_callers(&p, 0, 1);
	*agents = plan_agents(&p);
	profile_free(&p);
	return text;
}

#define MIXED "hangup_by=mixed", "spread=40", "patience_s=20"

static void
same_seed_same_bytes(void **state)
{
	static const char *const seven[] = {MIXED, "seed=7", NULL},
				 *const eight[] = {MIXED, "seed=8", NULL},
				 *const more[] = {MIXED, "seed=7", "callers=61", NULL};
	char *a_agents, *b_agents, *c_agents, *d_agents;
	char *a = callers_with(seven, &a_agents), *b = callers_with(seven, &b_agents);
	char *c = callers_with(eight, &c_agents), *d = callers_with(more, &d_agents);

	(void)state;
	assert_string_equal(a, b);
	assert_string_equal(a_agents, b_agents);
	assert_string_not_equal(a, c);
	assert_string_not_equal(a_agents, c_agents);
	/* One more caller changes neither the others nor the agents. */
	assert_memory_equal(a, d, strlen(a));
	assert_string_equal(a_agents, d_agents);
	free(a), free(b), free(c), free(d);
	free(a_agents), free(b_agents), free(c_agents), free(d_agents);
}

static void
bytes(void **state)
{
	static const char *const plain[] = {"callers=2", "agents=2", NULL};
	static const char *const leaving[] = {"callers=2", "agents=1", "hangup_by=caller",
					      "stay_s=3", NULL};
	static const char *const patient[] = {"callers=1", "agents=1", "patience_s=9", NULL};
	char *agents, *callers = callers_with(plain, &agents);

	(void)state;
	assert_string_equal(
		callers,
		"SEQUENTIAL\n493010000001;864000000;0;1000\n493010000002;864000000;0;1000\n");
	assert_string_equal(agents,
			    "SEQUENTIAL\na00001;500;5000;0;5000;0;0\na00002;500;5000;0;5000;0;0\n");
	free(callers), free(agents);
	callers = callers_with(leaving, &agents);
	assert_string_equal(callers,
			    "SEQUENTIAL\n493010000001;3000;0;1000\n493010000002;3000;0;1000\n");
	assert_string_equal(agents, "SEQUENTIAL\na00001;500;864000000;0;864000000;0;0\n");
	free(callers), free(agents);
	callers = callers_with(patient, &agents);
	assert_string_equal(callers, "SEQUENTIAL\n493010000001;9000;0;1000\n");
	free(callers), free(agents);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_smoke),
		cmocka_unit_test(sets),
		cmocka_unit_test(same_seed_same_bytes),
		cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
