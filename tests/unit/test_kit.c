/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/kit.h"
#include "loadtest/lab_port.h"
#include "loadtest/plan.h"

static const struct kit_place place = {"10.0.0.1", "10.0.0.2:5060", 2000};

static void
profile_with(struct profile *p, const char *const *assignments)
{
	struct err err;

	assert_int_equal(profile_read(p, "scenarios", "smoke", &err), 0);
	for (; *assignments != NULL; assignments++)
		assert_int_equal(profile_set(p, *assignments, &err), 0);
}

/* The words with one blank between; the caller frees them. */
static char *
line_of(const struct kit *kit, const struct kit_row *row, bool shell)
{
	struct kit_words words;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int i;

	kit_words(&words, kit, row, &place, shell);
	assert_true(words.count < KIT_WORDS_MAX);
	assert_null(words.argv[words.count]);
	for (i = 0; i < words.count; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", words.argv[i]);
	fclose(out);
	kit_words_free(&words);
	return text;
}

static const struct kit_row *
row_named(const struct kit *kit, const char *name)
{
	int i;

	for (i = 0; i < kit->count; i++)
		if (strcmp(kit->rows[i].name, name) == 0)
			return &kit->rows[i];
	fail_msg("no %s", name);
	return NULL;
}

static void
has(const struct kit *kit, const char *name, bool shell, const char *part)
{
	char *line = line_of(kit, row_named(kit, name), shell);

	if (strstr(line, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, line);
	free(line);
}

static void
small_needs_one_process_a_role(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const names[] = {"callers-1", "agents-1", "register-1", "unregister-1"};
	struct profile p;
	struct kit kit;
	int i;

	(void)state;
	profile_with(&p, none);
	kit_plan(&kit, &p);
	assert_int_equal(kit.count, 4);
	for (i = 0; i < 4; i++)
		assert_string_equal(kit.rows[i].name, names[i]);
	has(&kit, "callers-1", false, "sipp 10.0.0.2:5060 -key domain 10.0.0.2:5060 ");
	has(&kit, "callers-1", false, " -r 10000 -rp 1000000 -l 60 -m 60");
	has(&kit, "callers-1", false, " -p 2000 -ci 10.0.0.1 -cp 2001 -mi 10.0.0.1 -mp 2002 ");
	has(&kit, "agents-1", false, " -inf agents.csv -infindex agents.csv 0 ");
	has(&kit, "register-1", false, " -key contact 10.0.0.1:2005 -key expires 3600");
	has(&kit, "unregister-1", false, " -inf register-1.csv ");
	has(&kit, "unregister-1", false, " -key expires 0");
	has(&kit, "register-1", true, "sipp $TARGET -key domain $TARGET ");
	has(&kit, "register-1", true, " -p $((PORT + 10)) ");
	has(&kit, "register-1", true, " -key contact $HOST:$((PORT + 5)) ");
	profile_free(&p);
}

static void
many_are_dealt_out(void **state)
{
	static const char *const beyond[] = {"callers=10000", "calls=60001", "agents=5500",
					     "call_rate=500", NULL};
	struct profile p;
	struct kit kit;
	int64_t limit = 0, calls = 0, phones = 0;
	double rate = 0;
	int i, highest = 0;

	(void)state;
	profile_with(&p, beyond);
	kit_plan(&kit, &p);
	for (i = 0; i < kit.count; i++) {
		const struct kit_row *row = &kit.rows[i];

		assert_true(row->limit <= KIT_CALLS_MAX);
		if (row->role == SIPP_CALLERS) {
			limit += row->limit;
			calls += row->calls;
			rate += row->rate;
		}
		if (row->role == SIPP_REGISTER)
			phones += row->calls;
		if (row->port > highest)
			highest = row->port;
	}
	assert_int_equal(limit, 10000);
	assert_int_equal(calls, 60001);
	assert_int_equal(phones, 5500);
	/* max_call_rate */
	assert_int_equal((int)(rate + 0.5), 100);
	assert_int_equal(row_named(&kit, "agents-2")->port, 3 * KIT_PORTS);
	has(&kit, "register-2", false, " -key contact 10.0.0.1:2015 ");
	has(&kit, "callers-2", false, " -inf callers-2.csv ");
	/* The first of a block is its claim. */
	assert_true(highest + KIT_PORTS <= KIT_PORTS_MAX);
	assert_true(1 + KIT_PORTS_MAX <= LAB_PORT_BLOCK);
	profile_free(&p);
}

/* Each row of all belongs to one process. */
static void
rows_are_dealt_out(void **state)
{
	static const char *const some[] = {"callers=5", "agents=3", "spread=50", "patience_s=9",
					   NULL};
	struct profile p;
	char *all, *parts[2], *line, *save = NULL, *logins;
	int found;

	(void)state;
	profile_with(&p, some);
	all = plan_callers(&p, 0, 1);
	parts[0] = plan_callers(&p, 0, 2);
	parts[1] = plan_callers(&p, 1, 2);
	logins = plan_logins(&p, "secret", 1, 2);
	assert_string_equal(
		logins, "SEQUENTIAL\na00002;[authentication username=a00002 password=secret]\n");
	strtok_r(all, "\n", &save);
	for (found = 0; (line = strtok_r(NULL, "\n", &save)) != NULL; found++)
		assert_non_null(strstr(parts[found % 2], line));
	assert_int_equal(found, 5);
	free(all), free(parts[0]), free(parts[1]), free(logins);
	profile_free(&p);
}

static void
a_time_instead_of_a_number(void **state)
{
	static const char *const timed[] = {"duration_s=60", NULL};
	struct profile p;
	struct kit kit;
	char *line, *rows;

	(void)state;
	profile_with(&p, timed);
	kit_plan(&kit, &p);
	assert_int_equal(plan_calls(&p), 0);
	line = line_of(&kit, &kit.rows[0], false);
	assert_non_null(strstr(line, " -l 60"));
	assert_null(strstr(line, " -m "));
	/* As many rows as calls can be made. */
	rows = plan_callers(&p, 0, 1);
	assert_non_null(strstr(rows, "\n493010000660;"));
	free(line), free(rows);
	profile_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_needs_one_process_a_role),
		cmocka_unit_test(many_are_dealt_out),
		cmocka_unit_test(rows_are_dealt_out),
		cmocka_unit_test(a_time_instead_of_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
