#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "loadtest/figure.h"

static void
paths(void **state)
{
	json_t *report = json_pack("{s:{s:{s:f}}, s:s}", "latency_ms", "offer", "p99", 1.5,
				   "profile", "smoke");

	(void)state;
	assert_float_equal(figure(report, "latency_ms.offer.p99"), 1.5, 0);
	assert_string_equal(figure_text(report, "profile"), "smoke");
	assert_ptr_equal(figure_at(report, ""), report);
	assert_true(isnan(figure(report, "latency_ms.offer.p50")));
	assert_true(isnan(figure(report, "latency_ms.offer.p99.x")));
	assert_true(isnan(figure(report, "latency_ms")));
	assert_string_equal(figure_text(report, "latency_ms.offer.p99"), "");
	assert_null(figure_at(NULL, "profile"));
	json_decref(report);
}

/* Servers may be called as hosts are. */
static void
names_with_dots(void **state)
{
	json_t *report =
		json_pack("{s:{s:{s:i}, s:{s:i}, s:{s:{s:i}}}}", "processes", "a1.example.org",
			  "rss", 1, "a1", "rss", 2, "b.1", "c.2", "rss", 3);

	(void)state;
	assert_float_equal(figure(report, "processes.a1.example.org.rss"), 1, 0);
	assert_float_equal(figure(report, "processes.a1.rss"), 2, 0);
	assert_float_equal(figure(report, "processes.b.1.c.2.rss"), 3, 0);
	assert_null(figure_at(report, "processes.a1.example.rss"));
	json_decref(report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(names_with_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
