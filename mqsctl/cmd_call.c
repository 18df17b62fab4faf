/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/confirm.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A held call says why in the same column. */
static void
render_state(const json_t *call, const char *key, char *out, size_t size)
{
	char reason[128];
	size_t len;

	render_text(call, key, out, size);
	len = strlen(out);
	render_text(call, "held_reason", reason, sizeof(reason));
	if (*render_string(call, "held_reason"))
		snprintf(out + len, size - len, " (%s)", reason);
}

static const struct column list_columns[] = {
	{"CALL", "id", render_text, COLUMN_PLAIN},
	{"QUEUE", "queue", render_text, COLUMN_FLEXIBLE},
	{"STATE", "state", render_state, COLUMN_FLEXIBLE},
	{"POS", "position", render_text, COLUMN_RIGHT},
	{"WAIT", "wait_ms", render_duration, COLUMN_RIGHT},
	{"TALK", "talk_ms", render_some, COLUMN_RIGHT},
	{"NUMBER", "number", render_text, COLUMN_FLEXIBLE},
	{"NAME", "name", render_text, COLUMN_FLEXIBLE},
	{"AGENT", "agent", render_text, COLUMN_FLEXIBLE},
	{"NODE", "node", render_text, COLUMN_FLEXIBLE},
	{"HELD", "held_reason", render_text, COLUMN_HIDDEN},
};

static const struct column show_columns[] = {
	{"call", "id", render_text, COLUMN_PLAIN},
	{"state", "state", render_state, COLUMN_PLAIN},
	{"why", "why", render_text, COLUMN_PLAIN},
	{"queue", "queue", render_text, COLUMN_PLAIN},
	{"number", "number", render_text, COLUMN_PLAIN},
	{"name", "name", render_text, COLUMN_PLAIN},
	{"entered", "entered_ms", render_time, COLUMN_PLAIN},
	{"waited", "wait_ms", render_duration, COLUMN_PLAIN},
	{"position", "position", render_text, COLUMN_PLAIN},
	{"priority", "priority", render_text, COLUMN_PLAIN},
	{"offers", "offers", render_text, COLUMN_PLAIN},
	{"agent", "agent", render_text, COLUMN_PLAIN},
	{"talking", "talk_ms", render_some, COLUMN_PLAIN},
	{"node", "node", render_text, COLUMN_PLAIN},
	{"channel", "channel", render_text, COLUMN_PLAIN},
	{"leg", "leg", render_text, COLUMN_PLAIN},
	{"SIP Call-ID", "sip_call_id", render_text, COLUMN_PLAIN},
};

/* Adds "?key=value" or "&key=value"; takes path and returns the longer one. */
static char *
add_filter(char *path, const char *key, const char *value)
{
	char *filter, *longer;

	if (!value)
		return path;
	filter = api_path("=%s", value);
	longer = mem_printf("%s%c%s%s", path, strchr(path, '?') ? '&' : '?', key, filter);
	free(filter);
	free(path);
	return longer;
}

int
cmd_call_list(struct shell *shell, const struct match *match)
{
	const char *from = match_value(match, "number"), *queue = match_value(match, "queue");
	const char *state = match_value(match, "state");
	char *path = mem_dup("/v1/calls");
	int rc;

	path = add_filter(path, "from", from);
	path = add_filter(path, "queue", queue);
	path = add_filter(path, "state", state);
	rc = api_long_list(shell, path, "calls", list_columns, COUNT(list_columns),
			   from || queue || state ? "no such calls" : "no calls");
	free(path);
	return rc;
}

int
cmd_call_show(struct shell *shell, const struct match *match)
{
	json_t *call;
	int rc = api_get(shell, &call, "/v1/calls/%s", match_value(match, "call"));

	if (rc != SHELL_DONE)
		return rc;
	if (!shell->json)
		output_object(shell->out, show_columns, COUNT(show_columns), call);
	api_done(shell, call);
	return SHELL_DONE;
}

int
cmd_call_hangup(struct shell *shell, const struct match *match)
{
	const char *id = match_value(match, "call"), *agent;
	json_t *before, *reply;
	int rc = api_get(shell, &before, "/v1/calls/%s", id);

	if (rc != SHELL_DONE)
		return rc;
	agent = render_string(before, "agent");
	rc = confirm(shell, "This hangs up caller %s (%s) in queue %s%s%s.",
		     *render_string(before, "number") ? render_string(before, "number")
						      : "without a number",
		     render_string(before, "state"), render_string(before, "queue"),
		     *agent ? ", and the leg to agent " : "", agent);
	if (rc == SHELL_DONE)
		rc = api_edit(shell, "DELETE", NULL, &reply, "/v1/calls/%s", id);
	if (rc == SHELL_DONE) {
		shell_say(shell, "call %s ended: hung up the caller (%s, was %s) on node %s%s%s",
			  id,
			  *render_string(before, "number") ? render_string(before, "number")
							   : "no number",
			  render_string(before, "state"), render_string(before, "node"),
			  *agent ? " and the leg to agent " : "", agent);
		api_done(shell, reply);
	}
	json_decref(before);
	return rc;
}
