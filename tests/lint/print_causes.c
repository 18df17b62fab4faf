/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of causes as mqs-loadtest.1 has it. */

#include <stdio.h>

#include "loadtest/verdict.h"

int
main(void)
{
	const struct verdict_cause_row *row;

	for (row = verdict_causes; row < verdict_causes + VERDICT_CAUSES; row++)
		printf(".It %s Ta %s Ta %s\n", row->word, verdict_class_names[row->class],
		       row->meaning);
	return 0;
}
