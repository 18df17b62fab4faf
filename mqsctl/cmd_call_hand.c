/* SPDX-License-Identifier: BSD-2-Clause */

/* What an operator does with one call by hand. */

#include <inttypes.h>
#include <stdlib.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/confirm.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

/* POSTs to the call's verb; body is stolen. */
static int
post(struct shell *shell, const struct match *match, const char *verb, json_t *body, json_t **call)
{
	return api_edit(shell, "POST", body, call, "/v1/calls/%s/%s", match_value(match, "call"),
			verb);
}

/* Where it stands now, if it waits. */
static void
say_place(struct shell *shell, const json_t *call)
{
	if (json_object_get(call, "position"))
		shell_say(shell, "It is number %" PRId64 " in queue %s.",
			  render_integer(call, "position"), render_string(call, "queue"));
	else
		shell_say(shell, "It is %s in queue %s.", render_string(call, "state"),
			  render_string(call, "queue"));
}

int
cmd_call_priority(struct shell *shell, const struct match *match)
{
	const char *priority = match_value(match, "priority");
	json_t *call;
	int rc = post(shell, match, "priority",
		      json_pack("{s:I}", "priority", (json_int_t)strtoll(priority, NULL, 10)),
		      &call);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "call %s has priority %s", match_value(match, "call"), priority);
	say_place(shell, call);
	api_done(shell, call);
	return SHELL_DONE;
}

int
cmd_call_move(struct shell *shell, const struct match *match)
{
	const char *queue = match_value(match, "queue");
	json_t *call;
	int rc = post(shell, match, "move", json_pack("{s:s}", "queue", queue), &call);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "call %s is in queue %s, with the time at which it entered",
		  match_value(match, "call"), queue);
	say_place(shell, call);
	api_done(shell, call);
	return SHELL_DONE;
}

int
cmd_call_offer(struct shell *shell, const struct match *match)
{
	const char *agent = match_value(match, "agent");
	json_t *call;
	int rc = post(shell, match, "offer", json_pack("{s:s}", "agent", agent), &call);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "call %s is offered to agent %s", match_value(match, "call"), agent);
	api_done(shell, call);
	return SHELL_DONE;
}

int
cmd_call_transfer(struct shell *shell, const struct match *match)
{
	const char *id = match_value(match, "call"), *queue = match_value(match, "queue");
	json_t *before, *call;
	int rc = api_get(shell, &before, "/v1/calls/%s", id);

	if (rc != SHELL_DONE)
		return rc;
	rc = confirm(shell,
		     "This ends the conversation of caller %s with agent %s; the caller waits in "
		     "queue %s again.",
		     *render_string(before, "number") ? render_string(before, "number")
						      : "without a number",
		     *render_string(before, "agent") ? render_string(before, "agent") : "(none)",
		     queue);
	if (rc == SHELL_DONE)
		rc = post(shell, match, "transfer", json_pack("{s:s}", "queue", queue), &call);
	if (rc == SHELL_DONE) {
		shell_say(shell,
			  "agent %s is let go; call %s waits in queue %s, with the time at which "
			  "it entered",
			  render_string(before, "agent"), id, queue);
		api_done(shell, call);
	}
	json_decref(before);
	return rc;
}
