/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/display.h"

static const struct sample sample = {
	.t = 10,
	.counts = {.up = 3600, .waiting = 1600, .talking = 2000, .arrived = 530, .completed = 265},
	.offer = {53, 4.25, 31.5, 44.125},
	.procs = {{"redis", 0.1, 1, 41e6}, {"a1", 1.5, 7, 204e6}, {"mqsd-1", 0.25, 100, 17e6}},
	.proc_count = 3,
};

static void
prepare(struct display *d, struct view *v)
{
	struct sample first = {.t = 0};

	*d = (struct display){.out = NULL};
	display_take(d, &first);
	display_take(d, &sample);
	*v = (struct view){.name = "talk-2014",
			   .elapsed_s = 1200,
			   .expected_s = 4800,
			   .done = 0.25,
			   .counts = sample.counts,
			   .sample = &sample};
}

static void
wide(void **state)
{
	struct display d;
	struct view v;
	char *text;

	(void)state;
	prepare(&d, &v);
	text = display_text(&d, &v, 120, 40);
	assert_non_null(strstr(text, "talk-2014  [#######......................."
				     "]  25 %  20 min, about 60 min to go\n"));
	assert_non_null(strstr(text, "3,600 in progress, 1,600 waiting, 2,000 talking, 265 "));
	assert_non_null(strstr(text, "53.0 arriving, 0.0 answered, 26.5 completed a second"));
	assert_non_null(strstr(text, "p50 4.2 ms, p99 31.5 ms, max 44.1 ms"));
	assert_non_null(strstr(text, "connect   -\n"));
	assert_non_null(strstr(text, "a1           1.50 cores   204 MB"));
	assert_null(strchr(text, '\033'));
	free(text);
	text = display_line(&d, &v);
	assert_non_null(
		strstr(text, "1600 waiting, 2000 talking, 0 over, 0 dropped, offer p99 31.5"));
	assert_null(strchr(text, '\n'));
	free(text);
}

/* Nothing wraps and nothing scrolls, however little room there is. */
static void
narrow(void **state)
{
	static const int sizes[][2] = {{80, 24}, {40, 24}, {20, 5}, {2, 2}};
	struct display d;
	struct view v;
	size_t i, len;
	int lines;
	char *text, *p;

	(void)state;
	prepare(&d, &v);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		text = display_text(&d, &v, sizes[i][0], sizes[i][1]);
		for (p = text, lines = 0; *p != '\0'; p += len + 1, lines++) {
			len = strcspn(p, "\n");
			assert_true(len < (size_t)sizes[i][0]);
		}
		assert_true(lines > 0 && lines < sizes[i][1]);
		free(text);
	}
}

static void
in_color(void **state)
{
	struct display d;
	struct view v;
	char *text;

	(void)state;
	prepare(&d, &v);
	d.color = true;
	v.counts.dropped = 3;
	text = display_text(&d, &v, 80, 24);
	assert_non_null(strstr(text, "\033[1;31mdropped   3\033[m\n"));
	free(text);
}

/* A pipe gets lines, and what is drawn in place is drawn over. */
static void
in_place(void **state)
{
	struct display d;
	struct view v;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	prepare(&d, &v);
	d.out = out;
	display_show(&d, &v, true);
	display_show(&d, &v, false);
	fflush(out);
	assert_ptr_equal(strchr(text, '\n'), text + size - 1);
	d.tty = true;
	display_show(&d, &v, true);
	display_show(&d, &v, true);
	display_clear(&d);
	display_clear(&d);
	fclose(out);
	assert_non_null(strstr(text, "\033[8F\033[J"));
	assert_string_equal(text + size - strlen("\033[8F\033[J"), "\033[8F\033[J");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wide),
		cmocka_unit_test(narrow),
		cmocka_unit_test(in_color),
		cmocka_unit_test(in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
