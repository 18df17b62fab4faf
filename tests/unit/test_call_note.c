/* SPDX-License-Identifier: BSD-2-Clause */
/* What a channel carries of its call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/call_note.h"

#define ID "1795457530181000-0000001"

static void
reads_the_same(void **state)
{
	static const struct call_note notes[] = {
		{ID, "q", 0, 1795457530181},
		{ID, "support.night-2_x", -100, 1},
		{"0000000000000000-1", "q", 100, 999999999999999},
	};
	struct call_note note;
	char text[CALL_NOTE_MAX], again[CALL_NOTE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		assert_ptr_equal(call_note_text(&notes[i], text), text);
		assert_int_equal(call_note_parse(text, &note), 0);
		assert_string_equal(note.id, notes[i].id);
		assert_string_equal(note.queue, notes[i].queue);
		assert_int_equal(note.priority, notes[i].priority);
		assert_int_equal(note.entered, notes[i].entered);
		assert_string_equal(call_note_text(&note, again), text);
		/* It stands in a URL as it is. */
		assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789_.-:"),
				 strlen(text));
	}
	assert_string_equal(call_note_text(&notes[0], text), "1:" ID ":0:1795457530181:q");
}

/* The longest there can be fits. */
static void
the_longest(void **state)
{
	struct call_note note = {.priority = -100, .entered = 999999999999999}, again;
	char text[CALL_NOTE_MAX];

	(void)state;
	memset(note.id, '9', sizeof(note.id) - 1);
	note.id[16] = '-';
	memset(note.queue, 'q', sizeof(note.queue) - 1);
	assert_true(strlen(call_note_text(&note, text)) < CALL_NOTE_MAX - 1);
	assert_int_equal(call_note_parse(text, &again), 0);
	assert_string_equal(again.queue, note.queue);
	assert_string_equal(again.id, note.id);
}

/* What was written before there were more fields, and what will be. */
static void
other_formats(void **state)
{
	struct call_note note;

	(void)state;
	assert_int_equal(call_note_parse(ID, &note), 0);
	assert_string_equal(note.id, ID);
	assert_string_equal(note.queue, "");
	assert_int_equal(call_note_parse("1:" ID ":5:1795457530181:q:skill=german", &note), 0);
	assert_string_equal(note.queue, "q");
	assert_int_equal(note.priority, 5);
}

static void
others_are_none(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"2:" ID ":0:1795457530181:q",
		"1:" ID ":0:1795457530181",
		"1:" ID ":101:1795457530181:q",
		"1:" ID ":+1:1795457530181:q",
		"1:" ID "::1795457530181:q",
		"1:" ID ":0:0:q",
		"1:" ID ":0:-5:q",
		"1:" ID ":0:9999999999999999:q",
		"1:" ID ":0:1795457530181:",
		"1:" ID ":0:1795457530181:a b",
		"1:1795457530181000:0:1795457530181:q",
		"1:179545753018100-1:0:1795457530181:q",
		"1795457530181000-0000001.2",
		"1795457530181000-",
		"1795457530181000-00000000000000000000000000000000000000000001",
	};
	struct call_note note;
	size_t i;

	(void)state;
	assert_int_equal(call_note_parse(NULL, &note), -1);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		note.id[0] = 'x';
		if (call_note_parse(texts[i], &note) != -1)
			fail_msg("'%s' was taken", texts[i]);
		assert_string_equal(note.id, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_same),
		cmocka_unit_test(the_longest),
		cmocka_unit_test(other_formats),
		cmocka_unit_test(others_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
