/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the rows of lib/event.c: "name<TAB>when<TAB>field (unit) ..." each, or with -m as the list
 * in man/mqs-events.7.
 */
#include <stdio.h>
#include <string.h>

#include "lib/event.h"

static void
print_row(const struct event_row *row)
{
	size_t i;

	printf("%s\t%s\t", row->name, row->when);
	for (i = 0; i < EVENT_FIELDS_MAX && row->fields[i].name != NULL; i++)
		printf("%s%s (%s)", i > 0 ? " " : "", row->fields[i].name, row->fields[i].unit);
	puts("");
}

static void
print_mdoc(const struct event_row *row)
{
	size_t i;

	printf(".It Ic %s\n%s\n.Pp\n", row->name, row->when);
	for (i = 0; i < EVENT_FIELDS_MAX && row->fields[i].name != NULL; i++)
		printf(".Va %s Pq %s %s\n", row->fields[i].name, row->fields[i].unit,
		       i + 1 < EVENT_FIELDS_MAX && row->fields[i + 1].name != NULL ? "," : ".");
}

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < event_row_count; i++)
		if (argc == 2 && strcmp(argv[1], "-m") == 0)
			print_mdoc(&event_rows[i]);
		else
			print_row(&event_rows[i]);
	return 0;
}
