/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "mqsctl/output.h"
#include "mqsctl/render.h"

static const struct column columns[] = {
	{"NAME", "name", render_text, COLUMN_FLEXIBLE},
	{"N", "n", render_text, COLUMN_RIGHT},
	{"WAIT", "ms", render_duration, COLUMN_RIGHT},
	{"STATE", "state", render_text, COLUMN_PLAIN},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void
assert_table(size_t width, const char *objects, const char *expected)
{
	json_t *json = json_loads(objects, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(json);
	output_table(out, width, columns, COLUMNS, json);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

static const char two[] =
	"[{\"name\":\"a rather long name\",\"n\":7,\"ms\":61000,\"state\":\"idle\"},"
	"{\"name\":\"M\\u00fcller\",\"n\":12345,\"state\":null}]";

static void
table_as_wide_as_it_gets(void **state)
{
	(void)state;
	assert_table(0, two,
		     "NAME                    N  WAIT  STATE\n"
		     "a rather long name      7  1:01  idle\n"
		     "Müller              12345     -  -\n");
	assert_table(0, "[]", "NAME  N  WAIT  STATE\n");
}

static void
table_fitted(void **state)
{
	(void)state;
	assert_table(30, two,
		     "NAME            N  WAIT  STATE\n"
		     "a rather …      7  1:01  idle\n"
		     "Müller      12345     -  -\n");
}

static void
table_too_narrow(void **state)
{
	(void)state;
	/* The flexible column keeps six; nothing else is cut, the terminal wraps. */
	assert_table(5, two,
		     "NAME        N  WAIT  STATE\n"
		     "a rat…      7  1:01  idle\n"
		     "Müller  12345     -  -\n");
}

static void
cutting(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *cut;
	} cases[] = {
		{"talking", 7, "talking"},
		{"talking", 6, "talki…"},
		{"ab", 1, "…"},
		{"ab", 0, ""},
		{"äöü", 3, "äöü"},
		{"äöüß", 3, "äö…"},
		{"日本", 4, "日本"},
		{"日本", 3, "日…"},
		{"日本", 2, "…"},
	};
	char *cut;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cut = output_cut(cases[i].text, cases[i].columns);
		assert_string_equal(cut, cases[i].cut);
		assert_true(output_columns(cut) <= cases[i].columns);
		free(cut);
	}
}

static void
rendering(void **state)
{
	json_t *o = json_loads(
		"{\"evil\":\"\\u001b[2J\\u009bx\\\\\",\"nul\":\"a\\u0000b\",\"ms\":3723004,"
		"\"day\":90000000,\"digits\":\"61000\",\"neg\":-5,\"yes\":true,"
		"\"list\":[\"a\",\"b\"],\"none\":[],\"at\":1795435200001}",
		JSON_ALLOW_NUL, NULL);
	char out[OUTPUT_CELL_MAX];

	(void)state;
	render_text(o, "evil", out, sizeof(out));
	assert_string_equal(out, "\\x1b[2J\\xc2\\x9bx\\");
	render_text(o, "nul", out, sizeof(out));
	assert_string_equal(out, "a\\x00b");
	render_duration(o, "ms", out, sizeof(out));
	assert_string_equal(out, "1:02:03");
	render_duration(o, "day", out, sizeof(out));
	assert_string_equal(out, "25:00:00");
	render_duration(o, "digits", out, sizeof(out));
	assert_string_equal(out, "1:01");
	render_duration(o, "neg", out, sizeof(out));
	assert_string_equal(out, "0:00");
	render_duration(o, "missing", out, sizeof(out));
	assert_string_equal(out, "-");
	render_text(o, "yes", out, sizeof(out));
	assert_string_equal(out, "yes");
	render_list(o, "list", out, sizeof(out));
	assert_string_equal(out, "a, b");
	render_list(o, "none", out, sizeof(out));
	assert_string_equal(out, "-");
	render_time(o, "at", out, sizeof(out));
	assert_string_equal(out, "2026-11-23 12:00:00.001");
	json_decref(o);
}

static void
json_has_no_control_characters(void **state)
{
	json_t *o = json_loads("{\"a\":\"\\u001b\\u007f\\u009b\\u00fc\"}", 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	output_json_line(out, o);
	fclose(out);
	assert_string_equal(text, "{\"a\":\"\\u001B\\u007f\\u009bü\"}\n");
	free(text);
	json_decref(o);
}

static int
setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_as_wide_as_it_gets),
		cmocka_unit_test(table_fitted),
		cmocka_unit_test(table_too_narrow),
		cmocka_unit_test(cutting),
		cmocka_unit_test(rendering),
		cmocka_unit_test(json_has_no_control_characters),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
