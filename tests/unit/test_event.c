/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/event.h"
#include "lib/text.h"

static void
rows_are_unique(void **state)
{
	size_t i, j;

	(void)state;
	assert_true(event_row_count > 0);
	for (i = 0; i < event_row_count; i++) {
		assert_true(text_is_name(event_rows[i].name));
		assert_ptr_equal(event_find(event_rows[i].name), &event_rows[i]);
		for (j = 0; j < i; j++)
			assert_string_not_equal(event_rows[i].name, event_rows[j].name);
	}
	assert_null(event_find("no_such_event"));
	assert_null(event_find(""));
}

/* A line of the manual page is made of each row: its sentence must be one. */
static void
rows_are_told(void **state)
{
	size_t i, len;

	(void)state;
	for (i = 0; i < event_row_count; i++) {
		len = strlen(event_rows[i].when);
		assert_true(len > 1);
		assert_true(event_rows[i].when[0] >= 'A' && event_rows[i].when[0] <= 'Z');
		assert_int_equal(event_rows[i].when[len - 1], '.');
	}
}

static void
fields_are_unique(void **state)
{
	static const char *const of_all[] = {"event", "at", "id"};
	const struct event_row *row;
	size_t i, j, k;

	(void)state;
	for (i = 0; i < event_row_count; i++) {
		row = &event_rows[i];
		for (j = 0; j < EVENT_FIELDS_MAX && row->fields[j].name != NULL; j++) {
			assert_true(text_is_name(row->fields[j].name));
			assert_non_null(row->fields[j].unit);
			assert_ptr_equal(event_field_find(row, row->fields[j].name),
					 &row->fields[j]);
			for (k = 0; k < j; k++)
				assert_string_not_equal(row->fields[j].name, row->fields[k].name);
			for (k = 0; k < 3; k++)
				assert_string_not_equal(row->fields[j].name, of_all[k]);
		}
		assert_true(j < EVENT_FIELDS_MAX); /* room for the NULL that ends it */
		assert_null(event_field_find(row, "no_such_field"));
	}
}

/* Where a name occurs in two rows it means the same, so that a reader needs one table. */
static void
fields_agree(void **state)
{
	const struct event_field *field;
	size_t i, j, k;

	(void)state;
	for (i = 0; i < event_row_count; i++)
		for (j = 0; event_rows[i].fields[j].name != NULL; j++)
			for (k = 0; k < i; k++) {
				field = event_field_find(&event_rows[k],
							 event_rows[i].fields[j].name);
				if (field != NULL && strcmp(field->name, "reason") != 0)
					assert_string_equal(field->unit,
							    event_rows[i].fields[j].unit);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_unique),
		cmocka_unit_test(rows_are_told),
		cmocka_unit_test(fields_are_unique),
		cmocka_unit_test(fields_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
