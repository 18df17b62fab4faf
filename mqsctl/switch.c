/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/switch.h"

#include <stdlib.h>
#include <string.h>

#include "mqsctl/args.h"
#include "mqsctl/command.h"

const struct switch_row switch_rows[SWITCH_COUNT] = {
	[SWITCH_JSON] = {"--json", 'j', 0, "Print what mqsd said, as JSON.", NULL},
	[SWITCH_CSV] = {"--csv", 0, COMMAND_TABLE, "Print a list as comma-separated values.", NULL},
	[SWITCH_YES] = {"--yes", 'y', COMMAND_DANGER, "Do not ask.", NULL},
	[SWITCH_DRY_RUN] = {"--dry-run", 0, COMMAND_EDIT,
			    "Print what would be sent to mqsd, and send nothing.", NULL},
	[SWITCH_WATCH] = {"--watch", 'w', 0, "Do it again each so many seconds, until Ctrl-C.",
			  "seconds"},
};

int
switch_take(struct switches *switches, enum switch_id id, const char *value, struct err *err)
{
	const char *kind = switch_rows[id].value;
	char *canonical;

	if (kind) {
		canonical = arg_kind_find(kind, strlen(kind))->check(NULL, value, err);
		if (!canonical)
			return -1;
		switches->watch_s = (int)strtol(canonical, NULL, 10);
		free(canonical);
	}
	switches->given[id] = true;
	return 0;
}

enum switch_id
switch_find(const char *word)
{
	enum switch_id i = 0;

	while (i < SWITCH_COUNT && strcmp(switch_rows[i].name, word) != 0)
		i++;
	return i;
}
