/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/switch.h"

#include <string.h>

#include "mqsctl/command.h"

const struct switch_row switch_rows[SWITCH_COUNT] = {
	[SWITCH_JSON] = {"--json", 'j', 0, "Print what mqsd said, as JSON."},
	[SWITCH_CSV] = {"--csv", 0, COMMAND_TABLE, "Print a list as comma-separated values."},
	[SWITCH_YES] = {"--yes", 'y', COMMAND_DANGER, "Do not ask."},
	[SWITCH_DRY_RUN] = {"--dry-run", 0, COMMAND_EDIT,
			    "Print what would be sent to mqsd, and send nothing."},
};

enum switch_id
switch_find(const char *word)
{
	enum switch_id i = 0;

	while (i < SWITCH_COUNT && strcmp(switch_rows[i].name, word) != 0)
		i++;
	return i;
}
