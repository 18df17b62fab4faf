/* SPDX-License-Identifier: BSD-2-Clause */

/* Prints the rows of mqsd/problem.c as the list in man/mqs-api.7. */

#include <stdio.h>

#include "mqsd/problem.h"

int
main(void)
{
	const struct problem_row *row;

	for (row = problem_rows; row < problem_rows + problem_row_count; row++)
		printf(".It Sy %s Pq %s\n%s\n", row->code, row->critical ? "critical" : "warning",
		       row->when);
	return 0;
}
