/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the name of every arrow (mqsd/arrow.h): commands to nodes, then scripts. */
#include <stdio.h>

#include "mqsd/ari_command.h"
#include "mqsd/script.h"

int
main(void)
{
	size_t i;

	for (i = 0; i < ARI_COMMANDS; i++)
		puts(ari_command_rows[i].name);
	for (i = 0; i < script_count; i++)
		puts(script_rows[i].name);
	return 0;
}
