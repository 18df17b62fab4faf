/* SPDX-License-Identifier: BSD-2-Clause */

/* Prints the codes of errors that a table of mqsd has, with their HTTP status. */

#include <stdio.h>

#include "mqsd/api.h"
#include "mqsd/redis_error.h"

int
main(void)
{
	size_t i;

	for (i = 0; i < api_refusal_count; i++)
		printf("%s %d\n", api_refusals[i].code, api_refusals[i].status);
	for (i = 0; i < redis_error_count; i++)
		printf("%s 503\n", redis_errors[i].code);
	return 0;
}
