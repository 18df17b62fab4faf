/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/confirm.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

/* The verbs that move an agent between states. */

static int
post(struct shell *shell, const char *agent, const char *verb, json_t *body, json_t **reply)
{
	return api_edit(shell, "POST", body, reply, "/v1/agents/%s/%s", agent, verb);
}

int
cmd_agent_login(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent");
	json_t *agent;
	int rc = post(shell, name, "login", NULL, &agent);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s logged in (%s)", name, render_string(agent, "state"));
	if (agent && json_array_size(json_object_get(agent, "queues")) == 0)
		shell_say(shell, "It is a member of no queue yet: queue member add <queue> %s",
			  name);
	api_done(shell, agent);
	return SHELL_DONE;
}

int
cmd_agent_logout(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent");
	json_t *agent;
	int rc = post(shell, name, "logout", NULL, &agent);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s logged out%s", name,
		  *render_string(agent, "call") ? "; the call that it has goes on" : "");
	api_done(shell, agent);
	return SHELL_DONE;
}

int
cmd_agent_pause(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent");
	char *reason = match_text(match, "text");
	json_t *agent;
	int rc = post(shell, name, "pause", json_pack("{s:s}", "reason", reason ? reason : ""),
		      &agent);

	if (rc == SHELL_DONE) {
		if (reason)
			shell_say(shell, "agent %s paused (%s)", name, reason);
		else
			shell_say(shell, "agent %s paused", name);
		api_done(shell, agent);
	}
	free(reason);
	return rc;
}

int
cmd_agent_unpause(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent");
	json_t *agent;
	int rc = post(shell, name, "unpause", NULL, &agent);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s unpaused (%s)", name, render_string(agent, "state"));
	api_done(shell, agent);
	return SHELL_DONE;
}

int
cmd_agent_wrapup_end(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent");
	json_t *agent;
	int rc = api_edit(shell, "POST", NULL, &agent, "/v1/agents/%s/wrapup/end", name);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s: wrap-up ended (%s)", name, render_string(agent, "state"));
	api_done(shell, agent);
	return SHELL_DONE;
}

int
cmd_agent_reset(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "agent"), *call;
	json_t *before, *agent;
	int rc = api_get(shell, &before, "/v1/agents/%s", name);

	if (rc != SHELL_DONE)
		return rc;
	call = render_string(before, "call");
	rc = confirm(shell, "This makes agent %s (%s) forget %s%s. No channel is touched.", name,
		     render_string(before, "state"), *call ? "call " : "its rest and its misses",
		     call);
	if (rc == SHELL_DONE)
		rc = post(shell, name, "reset", NULL, &agent);
	if (rc == SHELL_DONE) {
		if (*call)
			shell_say(
				shell,
				"agent %s forgot call %s (was %s, is %s). No channel was touched: "
				"if the call still lives, call hangup %s ends it.",
				name, call, render_string(before, "state"),
				render_string(agent, "state"), call);
		else
			shell_say(shell,
				  "agent %s had no call (was %s, is %s). No channel was touched.",
				  name, render_string(before, "state"),
				  render_string(agent, "state"));
		api_done(shell, agent);
	}
	json_decref(before);
	return rc;
}
