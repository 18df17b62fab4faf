/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

int
cmd_member_add(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "agent");
	const char *penalty = match_value(match, "penalty");
	json_t *reply, *body = json_pack("{s:I}", "penalty",
					 (json_int_t)(penalty ? strtoll(penalty, NULL, 10) : 0));
	int rc = api_edit(shell, "PUT", body, &reply, "/v1/queues/%s/members/%s", queue, agent);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s is a member of queue %s, penalty %s", agent, queue,
		  penalty ? penalty : "0");
	api_done(shell, reply);
	return SHELL_DONE;
}

int
cmd_member_set(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "member");
	const char *penalty = match_value(match, "penalty");
	json_t *reply,
		*body = json_pack("{s:I}", "penalty", (json_int_t)strtoll(penalty, NULL, 10));
	int rc = api_edit(shell, "PATCH", body, &reply, "/v1/queues/%s/members/%s", queue, agent);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s in queue %s: penalty is %s (was %" PRId64 ")", agent, queue,
		  penalty, render_integer(reply, "before"));
	api_done(shell, reply);
	return SHELL_DONE;
}

int
cmd_member_pause(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "member");
	char *reason = match_text(match, "text");
	json_t *reply;
	int rc = api_edit(shell, "POST", json_pack("{s:s}", "reason", reason ? reason : ""), &reply,
			  "/v1/queues/%s/members/%s/pause", queue, agent);

	if (rc == SHELL_DONE) {
		shell_say(shell,
			  "agent %s is paused in queue %s (%s); it gets the calls of its other "
			  "queues",
			  agent, queue, render_string(reply, "reason"));
		api_done(shell, reply);
	}
	free(reason);
	return rc;
}

int
cmd_member_unpause(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "member");
	json_t *reply;
	int rc = api_edit(shell, "POST", NULL, &reply, "/v1/queues/%s/members/%s/unpause", queue,
			  agent);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s %s in queue %s", agent,
		  *render_string(reply, "before") ? "is unpaused" : "was not paused", queue);
	api_done(shell, reply);
	return SHELL_DONE;
}

int
cmd_member_remove(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "member");
	const char *paused;
	json_t *reply;
	int rc = api_edit(shell, "DELETE", NULL, &reply, "/v1/queues/%s/members/%s", queue, agent);

	if (rc != SHELL_DONE)
		return rc;
	paused = render_string(reply, "paused_here");
	shell_say(shell, "agent %s is no longer a member of queue %s%s%s%s", agent, queue,
		  *paused ? "; it was paused there (" : "", paused, *paused ? ")" : "");
	api_done(shell, reply);
	return SHELL_DONE;
}
