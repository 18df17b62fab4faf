/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mqsd/code.h"
#include "mqsd/conf.h"

static void
codes(void **state)
{
	static const struct {
		const char *dialled, *what, *reason; /* what: NULL, there is no such code */
	} rows[] = {
		{"*45", "login", ""}, {"*46", "pause", ""},  {"*462", "pause", "lunch"},
		{"*460", NULL, NULL}, {"*4622", NULL, NULL}, {"*47", "wrapup", ""},
		{"*451", NULL, NULL}, {"*4", NULL, NULL},    {"", NULL, NULL},
		{"*46*", NULL, NULL}, {"*4", NULL, NULL},    {"45", NULL, NULL},
	};
	struct conf conf = {.code_login = "*45", .code_pause = "*46", .code_wrapup = "*47"};
	struct code code;
	size_t i;

	(void)state;
	for (i = 0; i < 10; i++)
		conf.code_reasons[i] = i == 2 || i == 4 ? "lunch" : "";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		code = code_find(&conf, rows[i].dialled);
		if (rows[i].what == NULL) {
			assert_null(code.what);
			continue;
		}
		assert_string_equal(code.what, rows[i].what);
		assert_string_equal(code.reason, rows[i].reason);
	}
	/* A whole code comes before one with a digit; an empty one is none. */
	conf.code_login = "*464";
	conf.code_wrapup = "";
	assert_string_equal(code_find(&conf, "*464").what, "login");
	assert_null(code_find(&conf, "").what);
	assert_null(code_find(&conf, "*47").what);
	conf.code_pause = "";
	assert_null(code_find(&conf, "2").what);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(codes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
