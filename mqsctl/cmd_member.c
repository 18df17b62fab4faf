/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

/* The membership in a queue's reply, or NULL; borrowed. */
static const json_t *
find_member(const json_t *queue, const char *agent)
{
	const json_t *member;
	size_t i;

	json_array_foreach(json_object_get(queue, "member_list"), i, member)
	{
		if (strcmp(render_string(member, "agent"), agent) == 0)
			return member;
	}
	return NULL;
}

int
cmd_member_add(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "agent");
	const char *penalty = match_value(match, "penalty");
	json_t *before, *reply, *body;
	const json_t *member;
	int rc = api_get(shell, &before, "/v1/queues/%s", queue);

	if (rc != SHELL_DONE)
		return rc;
	body = json_pack("{s:I}", "penalty",
			 (json_int_t)(penalty ? strtoll(penalty, NULL, 10) : 0));
	rc = api_edit(shell, "PUT", body, &reply, "/v1/queues/%s/members/%s", queue, agent);
	if (rc == SHELL_DONE) {
		member = find_member(before, agent);
		shell_say(shell, "agent %s is a member of queue %s, penalty %s", agent, queue,
			  penalty ? penalty : "0");
		if (member)
			shell_undo(shell, "queue member add %s %s penalty %" PRId64, queue, agent,
				   render_integer(member, "penalty"));
		else
			shell_undo(shell, "queue member remove %s %s", queue, agent);
		api_done(shell, reply);
	}
	json_decref(before);
	return rc;
}

int
cmd_member_remove(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue"), *agent = match_value(match, "member");
	json_t *before, *reply;
	int rc = api_get(shell, &before, "/v1/queues/%s", queue);

	if (rc != SHELL_DONE)
		return rc;
	rc = api_edit(shell, "DELETE", NULL, &reply, "/v1/queues/%s/members/%s", queue, agent);
	if (rc == SHELL_DONE) {
		shell_say(shell, "agent %s is no longer a member of queue %s", agent, queue);
		shell_undo(shell, "queue member add %s %s penalty %" PRId64, queue, agent,
			   render_integer(find_member(before, agent), "penalty"));
		api_done(shell, reply);
	}
	json_decref(before);
	return rc;
}
