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
	if (json_object_get(reply, "before"))
		shell_undo(shell, "queue member add %s %s penalty %" PRId64, queue, agent,
			   render_integer(reply, "before"));
	else
		shell_undo(shell, "queue member remove %s %s", queue, agent);
	api_done(shell, reply);
	return SHELL_DONE;
}

int
cmd_member_remove(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "member");
	json_t *reply;
	int rc = api_edit(shell, "DELETE", NULL, &reply, "/v1/queues/%s/members/%s", queue, agent);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "agent %s is no longer a member of queue %s", agent, queue);
	shell_undo(shell, "queue member add %s %s penalty %" PRId64, queue, agent,
		   render_integer(reply, "before"));
	api_done(shell, reply);
	return SHELL_DONE;
}
