/* SPDX-License-Identifier: BSD-2-Clause */

/* Prints the rows of mqsd/metrics.c as the list in man/mqs-api.7. */

#include <stdio.h>

#include "mqsd/metrics.h"

int
main(void)
{
	const struct metric_row *row;

	for (row = metric_rows; row < metric_rows + metric_row_count; row++) {
		printf(".It Ic %s Pq %s", row->name, metric_type_name(row->type));
		if (row->label != NULL || row->by != NULL)
			printf(" by");
		if (row->label != NULL)
			printf(" Va %s", row->label);
		if (row->by != NULL)
			printf("%s Va %s", row->label != NULL ? " ," : "", row->by);
		printf("\n%s\n", row->help);
	}
	return 0;
}
