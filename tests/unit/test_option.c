/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/option.h"

struct thing {
	int64_t number;
	bool flag;
	char *word;
	char *secret;
	int choice;
	double real;
};

struct part {
	int64_t size;
};

static const char *const choices[] = {"red", "green", NULL};

/* clang-format off */
static const struct option rows[] = {
	{"thing", "number", OPTION_INT, offsetof(struct thing, number), -5, 600, "15", .unit = "s"},
	{"thing", "flag", OPTION_BOOL, offsetof(struct thing, flag), .def = "yes"},
	{"thing", "word", OPTION_STRING, offsetof(struct thing, word), 1, 10, .def = "hello"},
	{"thing", "secret", OPTION_STRING, offsetof(struct thing, secret), 0, 20, "", .secret = true},
	{"thing", "choice", OPTION_ENUM, offsetof(struct thing, choice), .def = "green", .values = choices},
	{"thing", "real", OPTION_REAL, offsetof(struct thing, real), 0, 1234567, .def = "0.5"},
	{"part *", "size", OPTION_INT, offsetof(struct part, size), 0, INT64_MAX, .def = NULL},
};
/* clang-format on */

static const struct option_table table = {rows, sizeof(rows) / sizeof(rows[0])};

static const struct option *
row(const char *name)
{
	const struct option *o = option_find(&table, "thing", name);

	assert_non_null(o);
	return o;
}

static int
set_up(void **state)
{
	*state = calloc(1, sizeof(struct thing));
	option_defaults(&table, "thing", *state);
	return 0;
}

static int
tear_down(void **state)
{
	option_free(&table, "thing", *state);
	free(*state);
	return 0;
}

static void
assert_takes(struct thing *t, const char *name, const char *text, const char *printed)
{
	struct err err = {""};
	char out[64];

	assert_int_equal(option_set(row(name), t, text, &err), 0);
	assert_string_equal(err.text, "");
	assert_string_equal(option_text(row(name), t, out, sizeof(out)), printed);
}

static void
assert_refuses(struct thing *t, const char *name, const char *text, const char *why)
{
	char before[64], after[64];
	struct err err = {""};

	option_text(row(name), t, before, sizeof(before));
	assert_int_equal(option_set(row(name), t, text, &err), -1);
	assert_string_equal(err.text, why);
	assert_string_equal(option_text(row(name), t, after, sizeof(after)), before);
}

static void
defaults(void **state)
{
	struct thing *t = *state;
	struct part part = {7};

	assert_int_equal(t->number, 15);
	assert_true(t->flag);
	assert_string_equal(t->word, "hello");
	assert_string_equal(t->secret, "");
	assert_int_equal(t->choice, 1);
	assert_true(t->real == 0.5);
	option_defaults(&table, "part x", &part); /* has none: stays */
	assert_int_equal(part.size, 7);
}

static void
integers(void **state)
{
	assert_takes(*state, "number", "0", "0");
	assert_takes(*state, "number", "-5", "-5");
	assert_takes(*state, "number", "600", "600");
	assert_takes(*state, "number", "007", "7");
	assert_refuses(*state, "number", "-6", "number: '-6' is not valid: s, -5 to 600");
	assert_refuses(*state, "number", "601", "number: '601' is not valid: s, -5 to 600");
	assert_refuses(*state, "number", "", "number: '' is not valid: s, -5 to 600");
	assert_refuses(*state, "number", "15s", "number: '15s' is not valid: s, -5 to 600");
	assert_refuses(*state, "number", "1.5", "number: '1.5' is not valid: s, -5 to 600");
	assert_refuses(*state, "number", "99999999999999999999",
		       "number: '99999999999999999999' is not valid: s, -5 to 600");
}

/* Beyond what a number can hold, whatever the row allows. */
static void
integers_too_large(void **state)
{
	struct part part = {7};
	struct err err;

	(void)state;
	assert_int_equal(option_set(&rows[6], &part, "9223372036854775808", &err), -1);
	assert_int_equal(part.size, 7);
	assert_int_equal(option_set(&rows[6], &part, "9223372036854775807", &err), 0);
	assert_true(part.size == INT64_MAX);
}

static void
booleans(void **state)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "ON", "0", "1"};
	size_t i;

	for (i = 0; i < 8; i++)
		assert_takes(*state, "flag", words[i], i % 2 ? "yes" : "no");
	assert_refuses(*state, "flag", "maybe", "flag: 'maybe' is not valid: yes or no");
	assert_refuses(*state, "flag", "", "flag: '' is not valid: yes or no");
}

static void
strings(void **state)
{
	assert_takes(*state, "word", "x", "x");
	assert_takes(*state, "word", "0123456789", "0123456789");
	assert_refuses(*state, "word", "", "word: 0 characters; 1 to 10 are allowed");
	assert_refuses(*state, "word", "0123456789a", "word: 11 characters; 1 to 10 are allowed");
}

/* Neither printed nor repeated in an error. */
static void
secrets(void **state)
{
	struct thing *t = *state;

	assert_takes(t, "secret", "", "");
	assert_takes(t, "secret", "geheim", "***");
	assert_string_equal(t->secret, "geheim");
	assert_refuses(t, "secret", "a-secret-of-more-than-twenty",
		       "secret: 28 characters; 0 to 20 are allowed");
}

static void
choices_of_words(void **state)
{
	assert_takes(*state, "choice", "red", "red");
	assert_takes(*state, "choice", "GREEN", "green");
	assert_refuses(*state, "choice", "blue", "choice: 'blue' is not valid: one of: red green");
	assert_refuses(*state, "choice", "", "choice: '' is not valid: one of: red green");
}

static void
reals(void **state)
{
	assert_takes(*state, "real", "0", "0");
	assert_takes(*state, "real", "0.1", "0.1");
	assert_takes(*state, "real", "0.123456789", "0.123456789");
	/* What is printed is never above the bound, so that it can be read again. */
	assert_takes(*state, "real", "1234567", "1234567");
	assert_takes(*state, "real", "1234566.75", "1234566.75");
	assert_refuses(*state, "real", "1234567.5", "real: '1234567.5' is not valid: 0 to 1234567");
	assert_refuses(*state, "real", "-0.1", "real: '-0.1' is not valid: 0 to 1234567");
	assert_refuses(*state, "real", "nan", "real: 'nan' is not valid: 0 to 1234567");
	assert_refuses(*state, "real", "inf", "real: 'inf' is not valid: 0 to 1234567");
	assert_refuses(*state, "real", "1x", "real: '1x' is not valid: 0 to 1234567");
}

/* A huge wrong value leaves room for what would be right. */
static void
errors_are_bounded(void **state)
{
	char huge[5001];
	struct err err;

	memset(huge, '9', 5000);
	huge[5000] = '\0';
	assert_int_equal(option_set(row("number"), *state, huge, &err), -1);
	assert_non_null(strstr(err.text, "s, -5 to 600"));
	assert_true(strlen(err.text) < 200);
}

static void
finding(void **state)
{
	(void)state;
	assert_ptr_equal(option_find(&table, "part a", "size"), &rows[6]);
	assert_null(option_find(&table, "part ", "size")); /* a part without a name */
	assert_null(option_find(&table, "part", "size"));
	assert_null(option_find(&table, "part a", "number"));
	assert_null(option_find(&table, "other", "number"));
	assert_string_equal(option_nearest(&table, "thing", "numer"), "number");
	assert_string_equal(option_nearest(&table, "part b", "siz"), "size");
	assert_null(option_nearest(&table, "thing", "zzzzzzzzz"));
	assert_null(option_nearest(&table, "other", "number"));
}

/* A file of text: read into one thing and up to four parts. */
struct reading {
	char path[64];
	struct thing thing;
	struct part parts[4];
	size_t count;
};

static void *
on_section(void *arg, const char *name, struct err *err)
{
	struct reading *r = arg;

	if (strcmp(name, "thing") == 0)
		return &r->thing;
	if (strncmp(name, "part ", 5) == 0 && r->count < 4)
		return &r->parts[r->count++];
	err_set(err, "no section [%s]", name);
	return NULL;
}

static int
read_bytes(struct reading *r, const char *text, size_t len, struct err *err)
{
	const struct option_file file = {
		.path = r->path, .table = &table, .section = on_section, .arg = r};
	int fd, status;

	memset(r, 0, sizeof(*r));
	strcpy(r->path, "/tmp/test_option.XXXXXX");
	fd = mkstemp(r->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	status = option_read(&file, err);
	unlink(r->path);
	return status;
}

static void
assert_reads(struct reading *r, const char *text)
{
	struct err err = {""};

	if (read_bytes(r, text, strlen(text), &err) != 0)
		fail_msg("refused: %s", err.text);
	assert_string_equal(err.text, "");
}

/* why begins behind the path. */
static void
assert_file_refused(const char *text, const char *why)
{
	struct reading r;
	struct err err;

	assert_int_equal(read_bytes(&r, text, strlen(text), &err), -1);
	assert_memory_equal(err.text, r.path, strlen(r.path));
	assert_string_equal(err.text + strlen(r.path), why);
	option_free(&table, "thing", &r.thing);
}

static void
file_that_reads(void **state)
{
	struct reading r;

	(void)state;
	assert_reads(&r, "");
	assert_reads(&r, "# nothing\n\n; else\n");
	assert_reads(&r,
		     "# a comment\r\n[thing] ; this\r\n  number=3 ; so many\n\tword : two words\n"
		     "secret = a;b\n[part a]\nsize=1\n[part b]\nsize = 2");
	assert_int_equal(r.thing.number, 3);
	assert_string_equal(r.thing.word, "two words");
	assert_string_equal(r.thing.secret, "a;b");
	assert_int_equal(r.count, 2);
	assert_int_equal(r.parts[0].size, 1);
	assert_int_equal(r.parts[1].size, 2);
	option_free(&table, "thing", &r.thing);
	assert_reads(&r, "\xef\xbb\xbf[thing]\nnumber = 4\n"); /* a byte order mark */
	assert_int_equal(r.thing.number, 4);
}

static void
file_with_indents(void **state)
{
	struct reading r;

	(void)state;
	assert_reads(&r, "[part a]\n\tsize = 1\n  [part b]\n\tsize = 2\n");
	assert_int_equal(r.count, 2);
	assert_int_equal(r.parts[0].size, 1);
	assert_int_equal(r.parts[1].size, 2);
	assert_reads(&r, "[thing]\n  number = 3\n  flag = yes\n  # word\n  word = x\n");
	assert_int_equal(r.thing.number, 3);
	assert_true(r.thing.flag);
	assert_string_equal(r.thing.word, "x");
	option_free(&table, "thing", &r.thing);
}

static void
file_of_unknowns(void **state)
{
	(void)state;
	assert_file_refused("[thing]\n\nnumer = 3\n",
			    ":3: unknown option 'numer' in [thing]; did you mean 'number'?");
	assert_file_refused("[thing]\nzzzzzzzzz = 3\n",
			    ":2: unknown option 'zzzzzzzzz' in [thing]");
	assert_file_refused("[part a]\nnumber = 3\n", ":2: unknown option 'number' in [part a]");
	assert_file_refused("\n\n[other]\n", ":3: no section [other]");
	assert_file_refused("number = 3\n", ":1: 'number' stands before the first [section]");
}

static void
file_of_repeats(void **state)
{
	(void)state;
	assert_file_refused("[thing]\nnumber = 3\nnumber = 4\n",
			    ":3: option 'number' is given twice in [thing]");
	assert_file_refused("[thing]\nnumber = 3\n  number = 3\n",
			    ":3: option 'number' is given twice in [thing]");
}

static void
file_of_wrong_values(void **state)
{
	(void)state;
	assert_file_refused("[thing]\nnumber = x\n", ":2: number: 'x' is not valid: s, -5 to 600");
	assert_file_refused("[thing]\nword =\n", ":2: word: 0 characters; 1 to 10 are allowed");
	/* The first error is the one told. */
	assert_file_refused("[thing]\nnumber = x\nflag = maybe\n",
			    ":2: number: 'x' is not valid: s, -5 to 600");
}

static void
file_of_broken_lines(void **state)
{
	static const char neither[] = ":2: neither [section], option = value nor a comment";

	(void)state;
	assert_file_refused("[thing]\nnumber\n", neither);
	assert_file_refused("[thing\nnumber = 3\n", ":1: a section is written [name]");
	assert_file_refused("[]\n", ":1: a section is written [name]");
	assert_file_refused("\n[", ":2: a section is written [name]");
	assert_file_refused(
		"[thing] number = 3\n",
		":1: only a comment may follow a [section]; options stand on lines of their own");
	assert_file_refused("[thing]\nword = x\n  y\n",
			    ":3: neither [section], option = value nor a comment");
}

static void
file_with_long_lines(void **state)
{
	char text[600];
	struct reading r;

	(void)state;
	snprintf(text, sizeof(text), "[thing]\n#%0*d\nnumber = 3\n", 197, 0);
	assert_reads(&r, text); /* 198 bytes */
	assert_int_equal(r.thing.number, 3);
	/* Longer ones would be read as two lines: of a comment, the second would be taken. */
	snprintf(text, sizeof(text), "[thing]\n#%0*dnumber = 3\n", 198, 0);
	assert_file_refused(text, ":2: line is longer than 198 bytes");
	snprintf(text, sizeof(text), "[thing]\nword = %0*d\n", 400, 0);
	assert_file_refused(text, ":2: line is longer than 198 bytes");
}

/* What is read is printed as "name = value", and must read the same then. */
static void
file_of_unprintables(void **state)
{
	char text[300];
	struct reading r;

	(void)state;
	assert_file_refused("[thing]\nsecret=;a\n",
			    ":2: secret: a value cannot begin with ';', which begins a comment");
	assert_reads(&r, "[thing]\nsecret = ;a\nword = a;b ; c\n");
	assert_string_equal(r.thing.secret, "");
	assert_string_equal(r.thing.word, "a;b");
	option_free(&table, "thing", &r.thing);
	snprintf(text, sizeof(text), "[thing]\nnumber=%0*d\n", 189, 3);
	assert_reads(&r, text);
	snprintf(text, sizeof(text), "[thing]\nnumber=%0*d\n", 190, 3);
	assert_file_refused(text,
			    ":2: number: line is longer than 198 bytes, written 'number = value'");
}

/* A NUL would hide the rest of its line, or of two. */
static void
file_with_nul(void **state)
{
	static const char text[] = "[thing]\nnumber = 3\0000\nflag = yes\n";
	struct reading r;
	struct err err;

	(void)state;
	assert_int_equal(read_bytes(&r, text, sizeof(text) - 1, &err), -1);
	assert_string_equal(err.text + strlen(r.path), ":2: a NUL byte; this is no text");
}

static void
file_missing(void **state)
{
	struct option_file file = {
		.path = "/nonexistent/mqs.conf", .table = &table, .section = on_section};
	struct err err;

	(void)state;
	assert_int_equal(option_read(&file, &err), -1);
	assert_string_equal(err.text, "/nonexistent/mqs.conf: No such file or directory");
	file.path = "/";
	assert_int_equal(option_read(&file, &err), -1);
	assert_memory_equal(err.text, "/:", 2);
}

#define WITH_THING(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_THING(defaults),
		WITH_THING(integers),
		cmocka_unit_test(integers_too_large),
		WITH_THING(booleans),
		WITH_THING(strings),
		WITH_THING(secrets),
		WITH_THING(choices_of_words),
		WITH_THING(reals),
		WITH_THING(errors_are_bounded),
		cmocka_unit_test(finding),
		cmocka_unit_test(file_that_reads),
		cmocka_unit_test(file_with_indents),
		cmocka_unit_test(file_of_unknowns),
		cmocka_unit_test(file_of_repeats),
		cmocka_unit_test(file_of_wrong_values),
		cmocka_unit_test(file_of_broken_lines),
		cmocka_unit_test(file_with_long_lines),
		cmocka_unit_test(file_of_unprintables),
		cmocka_unit_test(file_with_nul),
		cmocka_unit_test(file_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
