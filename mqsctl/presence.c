/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/presence.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/client.h"
#include "mqsctl/output.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define DEADLINE_MS 500

static void
answered(struct presence *presence, struct shell *shell, const json_t *health)
{
	const char *status = render_string(health, "status");
	int64_t pid = render_integer(health, "pid");

	output_printable(presence->state, sizeof(presence->state), *status ? status : "?",
			 *status ? strlen(status) : 1);
	if (presence->pid != 0 && presence->pid != pid)
		shell_say(shell,
			  "mqsd was restarted: it is process %" PRId64 " now, for %" PRId64 " s",
			  pid, render_integer(health, "uptime_s"));
	else if (presence->pid != 0 && !presence->there)
		shell_say(shell, "mqsd answers again");
	presence->there = true;
	presence->pid = pid;
}

void
presence_ask(struct presence *presence, struct shell *shell)
{
	struct client_reply reply;
	struct err err;

	shell_begin(shell);
	if (client_request(shell->client, "GET", "/v1/health", NULL, DEADLINE_MS, &reply, &err) ==
	    0) {
		answered(presence, shell, reply.body);
		json_decref(reply.body);
		return;
	}
	/* One that is there but has no time now may be asked again at the next prompt. */
	if (client_reached(shell->client)) {
		snprintf(presence->state, sizeof(presence->state), "no answer");
		return;
	}
	snprintf(presence->state, sizeof(presence->state), "no mqsd");
	if (presence->there)
		shell_say(shell, "mqsd is gone; the shell stays, and finds it when it is back");
	presence->there = false;
}
