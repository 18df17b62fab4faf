/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/queue_option.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/confirm.h"
#include "mqsctl/grammar.h"
#include "mqsctl/option_args.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct column list_columns[] = {
	{"AGENT", "name", render_text, COLUMN_FLEXIBLE},
	{"STATE", "state", render_agent_state, COLUMN_FLEXIBLE},
	{"SINCE", "state_ms", render_duration, COLUMN_RIGHT},
	{"PHONE", "registered", render_text, COLUMN_PLAIN},
	{"BACK-OFF", "backoff_ms", render_some, COLUMN_RIGHT},
	{"CALL", "call", render_text, COLUMN_PLAIN},
	{"QUEUES", "queues", render_list, COLUMN_FLEXIBLE},
	{"PAUSED", "paused", render_text, COLUMN_HIDDEN},
	{"REASON", "pause_reason", render_text, COLUMN_HIDDEN},
	{"UNREACHABLE", "unreachable", render_text, COLUMN_HIDDEN},
};

/* {queue: reason} */
static void
render_pauses(const json_t *agent, const char *key, char *out, size_t size)
{
	char reason[128];
	const char *queue;
	json_t *value;
	size_t len = 0;

	snprintf(out, size, "-");
	json_object_foreach(json_object_get(agent, key), queue, value)
	{
		if (len < size)
			len += (size_t)snprintf(out + len, size - len, "%s%s (%s)",
						len > 0 ? ", " : "", queue,
						render_json(value, reason, sizeof(reason)));
	}
}

static const struct column show_columns[] = {
	{"agent", "name", render_text, COLUMN_PLAIN},
	{"state", "state", render_agent_state, COLUMN_PLAIN},
	{"since", "state_ms", render_duration, COLUMN_PLAIN},
	{"why no call", "why", render_text, COLUMN_PLAIN},
	{"call", "call", render_text, COLUMN_PLAIN},
	{"address", "address", render_text, COLUMN_PLAIN},
	{"login", "login", render_text, COLUMN_PLAIN},
	{"registered", "registered", render_text, COLUMN_PLAIN},
	{"queues", "queues", render_list, COLUMN_PLAIN},
	{"paused in", "paused_in", render_pauses, COLUMN_PLAIN},
	{"wrapuptime", "wrapuptime", render_seconds, COLUMN_PLAIN},
	{"misses in a row", "misses", render_text, COLUMN_PLAIN},
	{"no offer for", "backoff_ms", render_some, COLUMN_PLAIN},
};

int
cmd_agent_list(struct shell *shell, const struct match *match)
{
	(void)match;
	return api_long_list(shell, "/v1/agents", "agents", list_columns, COUNT(list_columns),
			     "no agents; make one: agent add <name>");
}

int
cmd_agent_show(struct shell *shell, const struct match *match)
{
	json_t *agent;
	int rc = api_get(shell, &agent, "/v1/agents/%s", match_value(match, "agent"));

	if (rc != SHELL_DONE)
		return rc;
	if (!shell->json)
		output_object(shell->out, show_columns, COUNT(show_columns), agent);
	api_done(shell, agent);
	return SHELL_DONE;
}

int
cmd_agent_add(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "name");
	json_t *body = json_pack("{s:s}", "name", name), *agent;
	char *words;
	int rc;

	option_args_json(match, "agent-option", &agent_options, body);
	rc = api_edit(shell, "POST", body, &agent, "/v1/agents");
	if (rc != SHELL_DONE)
		return rc;
	words = option_args_words(&agent_options, agent);
	shell_say(shell, "agent %s added:%s", name, words);
	free(words);
	api_done(shell, agent);
	return SHELL_DONE;
}

int
cmd_agent_set(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent"),
		   *option = match_value(match, "agent-option");
	json_t *body, *before, *after;
	char *was, *is;
	int rc = api_get(shell, &before, "/v1/agents/%s", name);

	if (rc != SHELL_DONE)
		return rc;
	body = json_object();
	option_args_json(match, "agent-option", &agent_options, body);
	rc = api_edit(shell, "PATCH", body, &after, "/v1/agents/%s", name);
	if (rc == SHELL_DONE) {
		was = option_args_value(before, option);
		is = option_args_value(after, option);
		shell_say(shell, "agent %s: %s is %s (was %s)", name, option, is, was);
		free(was);
		free(is);
		api_done(shell, after);
	}
	json_decref(before);
	return rc;
}

int
cmd_agent_remove(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent");
	json_t *before, *reply;
	char queues[OUTPUT_CELL_MAX], state[OUTPUT_CELL_MAX];
	int rc = api_get(shell, &before, "/v1/agents/%s", name);

	if (rc != SHELL_DONE)
		return rc;
	render_list(before, "queues", queues, sizeof(queues));
	if (strcmp(queues, "-") == 0)
		snprintf(queues, sizeof(queues), "no queue");
	render_agent_state(before, "state", state, sizeof(state));
	rc = confirm(shell, "This removes agent %s (%s), a member of %s.", name, state, queues);
	if (rc == SHELL_DONE)
		rc = api_edit(shell, "DELETE", NULL, &reply, "/v1/agents/%s", name);
	if (rc == SHELL_DONE) {
		shell_say(shell, "agent %s removed; it was a member of %s", name, queues);
		api_done(shell, reply);
	}
	json_decref(before);
	return rc;
}
