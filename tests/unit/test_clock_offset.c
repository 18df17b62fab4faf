/* SPDX-License-Identifier: BSD-2-Clause */
/* How far other clocks are from ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/clock_offset.h"

#define NOW 1795457530000

static struct clock_offset
of(int64_t offset, int64_t way)
{
	struct clock_offset o = {.count = 0};

	clock_offset_add(&o, NOW, NOW + way, NOW + way / 2 + offset);
	return o;
}

static int64_t
offset_of(const struct clock_offset *o)
{
	int64_t offset, way;

	assert_true(clock_offset_get(o, &offset, &way));
	return offset;
}

static void
the_shortest_way_is_believed(void **state)
{
	struct clock_offset o = {.count = 0};
	int64_t offset, way;

	(void)state;
	assert_false(clock_offset_get(&o, &offset, &way));
	clock_offset_add(&o, NOW, NOW + 900, NOW + 2890); /* late: the reply waited */
	assert_int_equal(offset_of(&o), 2440);
	clock_offset_add(&o, NOW, NOW + 4, NOW + 2002);
	assert_int_equal(offset_of(&o), 2000);
	clock_offset_add(&o, NOW, NOW + 300, NOW + 2290);
	assert_true(clock_offset_get(&o, &offset, &way));
	assert_int_equal(offset, 2000);
	assert_int_equal(way, 4);
}

/* A clock that is set right is noticed when the samples from before are gone. */
static void
old_samples_go(void **state)
{
	struct clock_offset o = of(-5000, 2);
	int i;

	(void)state;
	assert_int_equal(offset_of(&o), -5000);
	for (i = 0; i < CLOCK_OFFSET_SAMPLES; i++)
		clock_offset_add(&o, NOW, NOW + 20, NOW + 10);
	assert_int_equal(offset_of(&o), 0);
}

static void
nonsense_is_left_out(void **state)
{
	struct clock_offset o = {.count = 0};

	(void)state;
	clock_offset_add(&o, NOW, NOW - 1, NOW);
	clock_offset_add(&o, NOW, NOW + 5001, NOW);
	clock_offset_add(&o, NOW, NOW + 2, 0);
	assert_int_equal(o.count, 0);
}

static void
small_differences_are_none(void **state)
{
	struct clock_offset none = {.count = 0}, ours = of(0, 0), a = of(50, 0), b = of(51, 0);
	struct clock_offset rough = of(120, 160), rough_more = of(200, 160), behind = of(-70, 2);

	(void)state;
	assert_int_equal(clock_offset_between(&none, &ours), 0);
	assert_int_equal(clock_offset_between(&ours, &none), 0);
	assert_int_equal(clock_offset_between(&a, &ours), 0);
	assert_int_equal(clock_offset_between(&b, &ours), 51);
	assert_int_equal(clock_offset_between(&ours, &b), -51);
	assert_int_equal(clock_offset_between(&rough, &ours), 0); /* 80 ms may be the way's */
	assert_int_equal(clock_offset_between(&rough_more, &ours), 200);
	assert_int_equal(clock_offset_between(&behind, &ours), -70);
	/* Both away from us, together: no difference. */
	assert_int_equal(clock_offset_between(&b, &a), 0);
	assert_int_equal(clock_offset_between(&b, &behind), 121);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shortest_way_is_believed),
		cmocka_unit_test(old_samples_go),
		cmocka_unit_test(nonsense_is_left_out),
		cmocka_unit_test(small_differences_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
