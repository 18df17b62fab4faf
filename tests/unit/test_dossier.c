/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/dossier.h"

static void
check_acts(const struct evidence *e)
{
	assert_int_equal(e->death_count, 1);
	assert_int_equal(e->deaths[0].at, 5);
	assert_string_equal(evidence_text(e, e->deaths[0].node), "a1");
	assert_int_equal(e->drain_count, 1);
	assert_int_equal(e->drains[0].at, 6);
	assert_string_equal(evidence_text(e, e->drains[0].call), "c-1");
}

/* Who judges the run so far has to know of it, as well as who reads its directory. */
static void
acts_are_known_at_once(void **state)
{
	char dir[] = "/tmp/mqs-test-XXXXXX", *acts, *meta;
	struct evidence live = {.from_us = 1000}, read;
	json_t *json = json_pack("{s:s, s:I}", "queue", "q", "from_us", (json_int_t)1000), *again;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	acts = mem_printf("%s/" DOSSIER_ACTS, dir);
	meta = mem_printf("%s/" DOSSIER_META, dir);
	assert_int_equal(dossier_write_meta(dir, json, &err), 0);
	assert_int_equal(dossier_note(dir, &live, "death", "a1", 1005, &err), 0);
	assert_int_equal(dossier_note(dir, &live, "drain", "c-1", 1006, &err), 0);
	check_acts(&live);
	assert_int_equal(dossier_load(dir, &read, &again, &err), 0);
	check_acts(&read);
	evidence_free(&live);
	evidence_free(&read);
	json_decref(json);
	json_decref(again);
	assert_int_equal(unlink(acts), 0);
	assert_int_equal(unlink(meta), 0);
	assert_int_equal(rmdir(dir), 0);
	free(acts);
	free(meta);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acts_are_known_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
