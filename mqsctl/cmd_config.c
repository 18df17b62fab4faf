/* SPDX-License-Identifier: BSD-2-Clause */

/* The configuration of the mqsd that answers, and its log. */

#include <string.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct column show_columns[] = {
	{"SECTION", "section", render_text, COLUMN_FLEXIBLE},
	{"OPTION", "option", render_text, COLUMN_FLEXIBLE},
	{"VALUE", "value", render_text, COLUMN_FLEXIBLE},
	{"FROM", "from", render_text, COLUMN_PLAIN},
	{"TAKEN OVER BY", "applies", render_text, COLUMN_PLAIN},
};

static const struct column change_columns[] = {
	{"SECTION", "section", render_text, COLUMN_FLEXIBLE},
	{"OPTION", "option", render_text, COLUMN_FLEXIBLE},
	{"IS", "is", render_text, COLUMN_FLEXIBLE},
	{"FILE", "file", render_text, COLUMN_FLEXIBLE},
	{"TAKEN OVER BY", "applies", render_text, COLUMN_PLAIN},
};

int
cmd_config_show(struct shell *shell, const struct match *match)
{
	(void)match;
	return api_list(shell, "/v1/config", "options", show_columns, COUNT(show_columns),
			"no options");
}

int
cmd_config_check(struct shell *shell, const struct match *match)
{
	const json_t *changes;
	json_t *reply;
	int rc = api_get(shell, &reply, "/v1/config/check");

	(void)match;
	if (rc != SHELL_DONE)
		return rc;
	changes = json_object_get(reply, "changes");
	if (!shell->json) {
		shell_say(shell, "%s is right%s", render_string(reply, "path"),
			  json_array_size(changes) > 0 ? "; it differs from what mqsd runs with:"
						       : ", and what mqsd runs with");
		if (json_array_size(changes) > 0)
			output_table(shell->out, output_width(shell->out), change_columns,
				     COUNT(change_columns), changes);
	}
	api_done(shell, reply);
	return SHELL_DONE;
}

static void
say_level(struct shell *shell, const json_t *log)
{
	const char *level = render_string(log, "level"),
		   *configured = render_string(log, "configured");

	if (strcmp(level, configured) == 0)
		shell_say(shell, "the log's level is %s, as configured", level);
	else
		shell_say(shell,
			  "the log's level is %s until SIGHUP or a restart; configured is %s",
			  level, configured);
}

int
cmd_log_level(struct shell *shell, const struct match *match)
{
	json_t *log;
	int rc = api_get(shell, &log, "/v1/log");

	(void)match;
	if (rc != SHELL_DONE)
		return rc;
	say_level(shell, log);
	api_done(shell, log);
	return SHELL_DONE;
}

int
cmd_log_set(struct shell *shell, const struct match *match)
{
	json_t *log;
	int rc = api_edit(shell, "PUT", json_pack("{s:s}", "level", match_value(match, "level")),
			  &log, "/v1/log");

	if (rc != SHELL_DONE)
		return rc;
	say_level(shell, log);
	api_done(shell, log);
	return SHELL_DONE;
}
