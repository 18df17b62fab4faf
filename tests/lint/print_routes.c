/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the routes of the control API: method, path and the role that each needs. */
#include <stdio.h>

#include "mqsd/api.h"

int
main(void)
{
	size_t i;

	for (i = 0; i < api_route_count; i++)
		printf("%s %s %s\n", api_routes[i].method, api_routes[i].path,
		       role_name(api_routes[i].role));
	return 0;
}
