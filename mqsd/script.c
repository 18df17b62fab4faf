/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/script.h"

#include <string.h>

#include "lib/log.h"
#include "mqsd_lua.h"

const char script_library_name[] = SCRIPT_LIBRARY_NAME;
const char script_library[] = SCRIPT_LIBRARY;
const struct script script_rows[] = {SCRIPT_ROWS};
const size_t script_count = sizeof(script_rows) / sizeof(script_rows[0]);

const struct script *
script_find(const char *name)
{
	size_t i;

	for (i = 0; i < script_count; i++)
		if (strcmp(script_rows[i].name, name) == 0)
			return &script_rows[i];
	fatal("no script %s", name);
}
