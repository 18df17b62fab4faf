/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadtest/hist.h"

static void
ranks(void **state)
{
	struct hist h = {0};
	int i;

	(void)state;
	assert_int_equal(hist_at(&h, 0.5), 0);
	hist_add(&h, 7);
	assert_int_equal(hist_at(&h, 0), 7);
	assert_int_equal(hist_at(&h, 0.99), 7);
	hist_free(&h);
	for (i = 100; i >= 1; i--)
		hist_add(&h, i);
	assert_int_equal(hist_at(&h, 0.5), 50);
	assert_int_equal(hist_at(&h, 0.9), 90);
	assert_int_equal(hist_at(&h, 0.99), 99);
	assert_int_equal(hist_at(&h, 1), 100);
	hist_add(&h, 0); /* after it was sorted */
	assert_int_equal(hist_at(&h, 0), 0);
	hist_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
