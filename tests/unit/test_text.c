/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

static void
names(void **state)
{
	static const char *const good[] = {"a", "sales", "A-z_0.9", "..", "-"};
	static const char *const bad[] = {"",	  " ",	 "a b",	 "a/b",		  "a:b",  "a{b}",
					  "a\tb", "a\n", "a\"b", "M\xc3\xbcller", "a\x7f"};
	char name[TEXT_NAME_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(text_is_name(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_is_name(bad[i]));
	memset(name, 'x', sizeof(name));
	name[TEXT_NAME_MAX] = '\0';
	assert_true(text_is_name(name));
	name[TEXT_NAME_MAX] = 'x';
	name[TEXT_NAME_MAX + 1] = '\0';
	assert_false(text_is_name(name));
}

static void
utf8_lengths(void **state)
{
	static const struct {
		const char *text;
		size_t len, want;
	} rows[] = {
		{"", 0, 0},
		{"a", 1, 1},
		{"\0", 1, 1},
		{"\xc3\xbc", 2, 2},
		{"\xe2\x82\xac", 3, 3},
		{"\xf0\x9f\x98\x80", 4, 4},
		{"\xf4\x8f\xbf\xbf", 4, 4}, /* U+10FFFF, the last one */
		{"\xc3\xbc", 1, 0},	    /* cut */
		{"\xf0\x9f\x98\x80", 3, 0}, /* cut */
		{"\x80", 1, 0},		    /* begins with a continuation */
		{"\xc3\x28", 2, 0},	    /* no continuation follows */
		{"\xc0\xaf", 2, 0},	    /* overlong '/' */
		{"\xc1\xbf", 2, 0},	    /* overlong */
		{"\xe0\x80\xaf", 3, 0},	    /* overlong '/' */
		{"\xf0\x80\x80\xaf", 4, 0}, /* overlong '/' */
		{"\xe0\x9f\xbf", 3, 0},	    /* the last overlong one of three */
		{"\xe0\xa0\x80", 3, 3},
		{"\xf0\x8f\xbf\xbf", 4, 0}, /* the last overlong one of four */
		{"\xf0\x90\x80\x80", 4, 4},
		{"\xed\xa0\x80", 3, 0},	    /* surrogate */
		{"\xed\xbf\xbf", 3, 0},	    /* surrogate */
		{"\xed\x9f\xbf", 3, 3},	    /* the last one before them */
		{"\xf4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", 4, 0},
		{"\xff", 1, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(text_utf8_len(rows[i].text, rows[i].len), rows[i].want);
}

static void
assert_printable(const char *in, size_t len, const char *want)
{
	char out[256];

	assert_int_equal(text_printable(out, sizeof(out), in, len), strlen(want));
	assert_string_equal(out, want);
}

static void
printable_escapes(void **state)
{
	(void)state;
	assert_printable("", 0, "");
	assert_printable("M\xc3\xbcller \xe2\x82\xac", 11, "M\xc3\xbcller \xe2\x82\xac");
	assert_printable("a\r\nerror: forged", 16, "a\\x0d\\x0aerror: forged");
	assert_printable("\x1b[2J\x07", 5, "\\x1b[2J\\x07");
	assert_printable("a\0b", 3, "a\\x00b");
	assert_printable("\t\x7f", 2, "\\x09\\x7f");
	assert_printable("\xc2\x9b"
			 "31m",
			 5,
			 "\\xc2\\x9b"
			 "31m");		     /* C1: a one-character CSI */
	assert_printable("\xc2\xa0", 2, "\xc2\xa0"); /* the first one after C1 */
	assert_printable("\xc0\xaf\xed\xa0\x80", 5, "\\xc0\\xaf\\xed\\xa0\\x80");
	assert_printable("\xc3", 1, "\\xc3");
	assert_printable("\xe2\x82", 2, "\\xe2\\x82");
	assert_printable("say \"hi\" 'x' `y`", 16, "say \"hi\" 'x' `y`");
	/* A backslash of the stranger's own can't pass for one of ours. */
	assert_printable("\\x41", 4, "\\x5cx41");
}

/* Neither a character nor an escape is cut in two, whatever the room. */
static void
printable_cuts(void **state)
{
	static const char in[] = "ab\xe2\x82\xac\x1b"
				 "c";
	static const struct {
		size_t size;
		const char *want;
	} rows[] = {
		{1, ""},
		{2, "a"},
		{3, "ab"},
		{5, "ab"},
		{6, "ab\xe2\x82\xac"},
		{9, "ab\xe2\x82\xac"},
		{10, "ab\xe2\x82\xac\\x1b"},
		{11, "ab\xe2\x82\xac\\x1b"
		     "c"},
	};
	char *out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		out = malloc(rows[i].size); /* exact, so that valgrind sees one byte too many */
		assert_int_equal(text_printable(out, rows[i].size, in, sizeof(in) - 1),
				 strlen(rows[i].want));
		assert_string_equal(out, rows[i].want);
		free(out);
	}
}

static void
printable_of_much(void **state)
{
	enum { IN = 100000, OUT = 8192 };
	char *in = malloc(IN), *out = malloc(OUT);
	size_t len, i;

	(void)state;
	for (i = 0; i < IN; i++)
		in[i] = i % 3 == 0 ? '\x1b' : i % 3 == 1 ? 'a' : '\xff';
	len = text_printable(out, OUT, in, IN);
	assert_true(len < OUT && len >= OUT - 5);
	assert_int_equal(strlen(out), len);
	for (i = 0; i < len; i++)
		assert_true(out[i] >= 0x20 && out[i] < 0x7f);
	free(in);
	free(out);
}

static const char *
name_at(const void *table, size_t i)
{
	return ((const char *const *)table)[i];
}

static const char *
nearest(const char *word)
{
	static const char *const words[] = {"timeout", "wrapuptime", "busydelay", "strategy"};

	return text_nearest(word, name_at, words, 4);
}

static void
nearest_names(void **state)
{
	char huge[1001];

	(void)state;
	assert_string_equal(nearest("timeout"), "timeout");
	assert_string_equal(nearest("timout"), "timeout");
	assert_string_equal(nearest("wrapup_time"), "wrapuptime");
	assert_string_equal(nearest("stratgey"), "strategy");
	assert_null(nearest("xyz"));
	assert_null(nearest(""));
	assert_null(nearest("qqqqqqqq"));
	memset(huge, 't', 1000);
	huge[1000] = '\0';
	assert_null(nearest(huge));
	assert_null(text_nearest("timeout", name_at, NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(utf8_lengths),
		cmocka_unit_test(printable_escapes),
		cmocka_unit_test(printable_cuts),
		cmocka_unit_test(printable_of_much),
		cmocka_unit_test(nearest_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
