/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "loadtest/drop_file.h"

static void
common_ids_are_names(void **state)
{
	char *path = drop_file_path("/run", "12-345@127.0.0.1");

	(void)state;
	assert_string_equal(path, "/run/dropped/12-345@127.0.0.1.txt");
	free(path);
}

/* Each Call-ID has a file of its own, in that directory. */
static void
others_are_told_apart(void **state)
{
	static const char *const ids[] = {"a_b",
					  "a/b",
					  "a=2Fb",
					  "a\\b",
					  "a\xff"
					  "b",
					  "..",
					  "../x",
					  "="};
	char *paths[sizeof(ids) / sizeof(ids[0])];
	size_t i, k, n = sizeof(ids) / sizeof(ids[0]);

	(void)state;
	for (i = 0; i < n; i++) {
		paths[i] = drop_file_path("/run", ids[i]);
		assert_null(strchr(paths[i] + strlen("/run/dropped/"), '/'));
		for (k = 0; k < i; k++)
			assert_string_not_equal(paths[i], paths[k]);
	}
	for (i = 0; i < n; i++)
		free(paths[i]);
}

static void
long_ids_fit(void **state)
{
	char ids[2][300], *paths[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		memset(ids[i], '/', sizeof(ids[i]) - 1);
		ids[i][sizeof(ids[i]) - 1] = '\0';
	}
	ids[1][sizeof(ids[1]) - 2] = '!';
	for (i = 0; i < 2; i++)
		paths[i] = drop_file_path("/run", ids[i]);
	assert_true(strlen(paths[0] + strlen("/run/dropped/")) < 255);
	assert_string_not_equal(paths[0], paths[1]);
	free(paths[0]), free(paths[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(common_ids_are_names),
		cmocka_unit_test(others_are_told_apart),
		cmocka_unit_test(long_ids_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
