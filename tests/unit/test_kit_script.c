/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/mem.h"
#include "loadtest/kit_script.h"
#include "loadtest/lab_dir.h"
#include "loadtest/scenario.h"

/* run.sh's own defaults but for the target. */
static const struct kit_place place = {"127.0.0.1", "10.0.0.2:5060", 20000};

static void
profile_with(struct profile *p, const char *const *assignments)
{
	struct err err;

	profile_init(p, "test");
	for (; *assignments != NULL; assignments++)
		assert_int_equal(profile_set(p, *assignments, &err), 0);
}

static void
write_program(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);
	struct err err;

	assert_int_equal(scenario_write_file(path, text, &err), 0);
	assert_int_equal(chmod(path, 0700), 0);
	free(path);
}

/* Says its words. Who registers phones lets the phones say theirs first, or the script's end might
 * be theirs before. */
static char *
fake_sipp(const struct kit *kit)
{
	int i, phones = 0;

	for (i = 0; i < kit->count; i++)
		phones += kit->rows[i].role == SIPP_AGENTS;
	return mem_printf(
		"#!/bin/sh\necho \"sipp $*\" >>said\ncase $* in *register.xml*)\n"
		"until [ \"$(grep -c agent.xml said)\" = %d ]; do sleep 0.1; done ;;\nesac\n",
		phones);
}

/* Runs the script with a sipp that only says its words, a line each; the caller frees them. */
static char *
run(const struct kit *kit, int *status)
{
	char dir[] = "/tmp/mqs-kit-script.XXXXXX", *script = kit_script(kit, place.target),
	     *sipp = fake_sipp(kit), *line, *said;
	struct err err;

	assert_non_null(mkdtemp(dir));
	write_program(dir, "sipp", sipp);
	free(sipp);
	write_program(dir, "run.sh", script);
	line = mem_printf("cd / && PATH=%s:$PATH LOGIN_AFTER=0 timeout 20 %s/run.sh", dir, dir);
	*status = system(line);
	free(line), free(script);
	line = mem_printf("%s/said", dir);
	said = scenario_read_file(line, &err);
	free(line);
	lab_dir_remove(dir);
	assert_non_null(said);
	return said;
}

static char *
line_of(const struct kit *kit, const struct kit_row *row)
{
	struct kit_words words;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int i;

	kit_words(&words, kit, row, &place, false);
	for (i = 0; i < words.count; i++)
		fprintf(out, "%s%c", words.argv[i], i + 1 < words.count ? ' ' : '\n');
	fclose(out);
	kit_words_free(&words);
	return text;
}

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

/* The words that a run starts SIPp with, each process once. */
static void
starts_what_a_run_does(void **state)
{
	static const char *const some[][4] = {
		{"agents=6", NULL},
		{"agents=6", "agents_login_after_s=60", NULL},
		{"agents=0", NULL},
		{"agents=5500", "callers=10000", "transport=tcp", NULL},
	};
	struct profile p;
	struct kit kit;
	size_t i;
	int k, status;

	(void)state;
	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		char *said;

		profile_with(&p, some[i]);
		kit_plan(&kit, &p);
		said = run(&kit, &status);
		assert_int_equal(status, 0);
		for (k = 0; k < kit.count; k++) {
			char *line = line_of(&kit, &kit.rows[k]);

			if (count(said, line) != 1)
				fail_msg("not once: %s in: %s", line, said);
			free(line);
		}
		assert_int_equal(count(said, "\n"), kit.count);
		free(said);
		profile_free(&p);
	}
}

/* Only where the run is longer than the registrations hold. */
static void
registers_anew(void **state)
{
	static const char *const rows[][4] = {{"expires_s=3600", NULL},
					      {"expires_s=60", "calls=1000", "talk_s=60", NULL}};
	struct profile p;
	struct kit kit;
	char *script;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		profile_with(&p, rows[i]);
		kit_plan(&kit, &p);
		script = kit_script(&kit, place.target);
		assert_int_equal(count(script, "while sleep 40 "), i);
		assert_int_equal(count(script, "while sleep "), i);
		free(script);
		profile_free(&p);
	}
}

static void
setup_has_all(void **state)
{
	static const char *const some[] = {"agents=3",	"queues=2",   "queue=sales",
					   "ring_s=20", "wrapup_s=8", NULL};
	struct profile p;
	struct kit kit;
	char *setup;

	(void)state;
	profile_with(&p, some);
	p.speed = 2;
	kit_plan(&kit, &p);
	setup = kit_setup(&kit);
	assert_int_equal(count(setup, "\nqueue create sales timeout 20 wrapuptime 4\n"), 1);
	assert_int_equal(count(setup, "\nqueue create sales-2 timeout 20 wrapuptime 4\n"), 1);
	assert_int_equal(count(setup, "\nagent add a0000"), 3);
	assert_int_equal(count(setup, "\nqueue member add sales a0000"), 3);
	assert_int_equal(count(setup, "\nqueue member add sales-2 a0000"), 3);
	free(setup);
	profile_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_what_a_run_does),
		cmocka_unit_test(registers_anew),
		cmocka_unit_test(setup_has_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
