/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "mqsctl/csv.h"
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
	/* The flexible column keeps eight; then the last ones go. */
	assert_table(24, two,
		     "NAME             N  WAIT\n"
		     "a rather l…      7  1:01\n"
		     "Müller       12345     -\n"
		     "no room for STATE\n");
	assert_table(20, two,
		     "NAME               N\n"
		     "a rather lon…      7\n"
		     "Müller         12345\n"
		     "no room for WAIT, STATE\n");
	assert_table(5, two,
		     "NAME\n"
		     "a ra…\n"
		     "Müll…\n"
		     "no room for N, WAIT, STATE\n");
}

/* Two columns a sign, none for an accent that stands alone; a name that turns the line around. */
static void
table_of_the_world(void **state)
{
	(void)state;
	assert_table(0,
		     "[{\"name\":\"\u65e5\u672c\u8a9e\",\"n\":1,\"ms\":0,\"state\":\"a\"},"
		     "{\"name\":\"Ame\u0301lie\",\"n\":2,\"ms\":0,\"state\":\"b\"},"
		     "{\"name\":\"a\u202eb\",\"n\":3,\"ms\":0,\"state\":\"c\"}]",
		     "NAME            N  WAIT  STATE\n"
		     "日本語          1  0:00  a\n"
		     "Ame\xcc\x81"
		     "lie          2  0:00  b\n"
		     "a\\xe2\\x80\\xaeb  3  0:00  c\n");
}

static void
comma_separated(void **state)
{
	static const struct column some[] = {
		{"NAME", "name", render_text, COLUMN_FLEXIBLE},
		{"WAIT", "ms", render_duration, COLUMN_RIGHT},
		{"QUEUES", "queues", render_list, COLUMN_PLAIN},
		{"PAUSED", "paused", render_text, COLUMN_HIDDEN},
	};
	json_t *json = json_loads("[{\"name\":\"M\u00fcller, \\\"x\\\" & S\u00f6hne\",\"ms\":61000,"
				  "\"queues\":[\"a\",\"b\"],\"paused\":true},"
				  "{\"name\":\"a\\nb\",\"queues\":[],\"paused\":null}]",
				  0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(json);
	csv_write(out, true, some, 4, json);
	csv_write(out, false, some, 4, json_array_get(json, 9));
	fclose(out);
	assert_string_equal(text, "name,ms,queues,paused\r\n"
				  "\"Müller, \"\"x\"\" & Söhne\",61000,\"a b\",true\r\n"
				  "a\\x0ab,,,\r\n");
	free(text);
	json_decref(json);
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
	json_t *o = json_loads("{\"a\":\"\\u001b\\u007f\\u009b\\u202e\\u00fc\"}", 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	output_json_line(out, o);
	fclose(out);
	assert_string_equal(text, "{\"a\":\"\\u001B\\u007f\\u009b\\u202eü\"}\n");
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
		cmocka_unit_test(table_of_the_world),
		cmocka_unit_test(comma_separated),
		cmocka_unit_test(cutting),
		cmocka_unit_test(rendering),
		cmocka_unit_test(json_has_no_control_characters),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
