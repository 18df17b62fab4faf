/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

static void
render_who(const json_t *entry, const char *key, char *out, size_t size)
{
	const char *name = render_string(entry, "name");

	snprintf(out, size, "%s%s%s", render_string(entry, key), *name ? " " : "", name);
}

static void
render_result(const json_t *entry, const char *key, char *out, size_t size)
{
	const char *code = render_string(entry, "code");
	char status[16];

	render_text(entry, key, status, sizeof(status));
	snprintf(out, size, "%s%s%s", status, *code ? " " : "", code);
}

static void
render_what(const json_t *entry, const char *key, char *out, size_t size)
{
	const json_t *body = json_object_get(entry, "body");
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	snprintf(out, size, "%s %s%s%s", render_string(entry, key), render_string(entry, "path"),
		 text ? " " : "", text ? text : "");
	free(text);
}

static const struct column columns[] = {
	{"TIME", "time", render_text, COLUMN_PLAIN},
	{"WHO", "by", render_who, COLUMN_FLEXIBLE},
	{"FROM", "from", render_text, COLUMN_FLEXIBLE},
	{"ROLE", "role", render_text, COLUMN_PLAIN},
	{"RESULT", "status", render_result, COLUMN_PLAIN},
	{"WHAT", "method", render_what, COLUMN_FLEXIBLE},
	{"NAME", "name", render_text, COLUMN_HIDDEN},
	{"CODE", "code", render_text, COLUMN_HIDDEN},
	{"PATH", "path", render_text, COLUMN_HIDDEN},
	{"BODY", "body", render_text, COLUMN_HIDDEN},
};

int
cmd_audit(struct shell *shell, const struct match *match)
{
	const char *count = match_value(match, "count");
	char *path = count ? api_path("/v1/audit?count=%s", count) : mem_dup("/v1/audit");
	int rc = api_list(shell, path, "entries", columns, sizeof(columns) / sizeof(columns[0]),
			  "nothing was changed yet");

	free(path);
	return rc;
}
