/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/words.h"

static struct err err;

static void
splits(void **state)
{
	struct words w;

	(void)state;
	assert_int_equal(words_split(&w, " a  \"b c\" d\\ e 'f\"g' \"\"", &err), 0);
	assert_int_equal(w.count, 5);
	assert_string_equal(w.word[1].text, "b c");
	assert_int_equal(w.word[1].at, 4);
	assert_int_equal(w.word[1].len, 5);
	assert_string_equal(w.word[2].text, "d e");
	assert_string_equal(w.word[3].text, "f\"g");
	assert_string_equal(w.word[4].text, "");
	assert_false(w.fresh || w.open);
	words_clear(&w);
}

static void
knows_where_the_cursor_is(void **state)
{
	struct words w;

	(void)state;
	assert_int_equal(words_split(&w, "", &err), 0);
	assert_true(w.fresh && w.count == 0);
	words_clear(&w);
	assert_int_equal(words_split(&w, "a ", &err), 0);
	assert_true(w.fresh && w.count == 1);
	words_clear(&w);
	assert_int_equal(words_split(&w, "a \"b ", &err), 0);
	assert_true(w.open && !w.fresh && w.count == 2);
	words_clear(&w);
	/* A backslash at the very end escapes nothing. */
	assert_int_equal(words_split(&w, "a\\", &err), 0);
	assert_string_equal(w.word[0].text, "a\\");
	words_clear(&w);
}

static void
quoting_comes_back(void **state)
{
	static const char *const texts[] = {"plain", "",     "two words", "a\"b",
					    "c\\d",  "it's", "\t",	  "sip:1@x"};
	struct words w;
	char *quoted;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		quoted = words_quote(texts[i]);
		assert_int_equal(words_split(&w, quoted, &err), 0);
		assert_int_equal(w.count, 1);
		assert_string_equal(w.word[0].text, texts[i]);
		words_clear(&w);
		free(quoted);
	}
}

static void
takes_and_drops(void **state)
{
	char a[] = "agent", b[] = "two words", c[] = "--json";
	char *argv[] = {a, b, c};
	struct words w;

	(void)state;
	assert_int_equal(words_take(&w, 3, argv, &err), 0);
	assert_string_equal(w.line, "agent \"two words\" --json");
	assert_int_equal(w.word[2].at, 18);
	words_drop(&w, 1);
	assert_int_equal(w.count, 2);
	assert_string_equal(w.word[1].text, "--json");
	words_clear(&w);
}

static void
bounds(void **state)
{
	char *line = malloc(WORDS_LINE_MAX + 2);
	struct words w;
	size_t i;

	(void)state;
	memset(line, 'x', WORDS_LINE_MAX + 1);
	line[WORDS_LINE_MAX + 1] = '\0';
	assert_int_equal(words_split(&w, line, &err), -1);
	assert_int_equal(w.count, 0);
	words_clear(&w);
	line[WORDS_LINE_MAX] = '\0';
	assert_int_equal(words_split(&w, line, &err), 0);
	words_clear(&w);

	for (i = 0; i <= WORDS_MAX; i++)
		memcpy(line + 2 * i, "x ", 3);
	assert_int_equal(words_split(&w, line, &err), -1);
	assert_int_equal(w.count, 0);
	words_clear(&w);
	line[2 * WORDS_MAX] = '\0';
	assert_int_equal(words_split(&w, line, &err), 0);
	assert_int_equal(w.count, WORDS_MAX);
	words_clear(&w);
	free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits),
		cmocka_unit_test(knows_where_the_cursor_is),
		cmocka_unit_test(quoting_comes_back),
		cmocka_unit_test(takes_and_drops),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
