/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/event_line.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

/* When, how long after the first event, what. */
static void
tell(FILE *out, const json_t *event, int64_t first, const char *call)
{
	char when[64];
	int64_t at = render_integer(event, "at");
	const char *of = render_string(event, "call");

	fprintf(out, "%s %+8.3f s  ", render_clock(at, false, when, sizeof(when)),
		(double)(at - first) / 1000);
	event_line(out, render_string(event, "event"), event,
		   strcmp(of, call) == 0 ? "call" : NULL);
}

int
cmd_call_trace(struct shell *shell, const struct match *match)
{
	const char *id = match_value(match, "call");
	const json_t *events;
	json_t *trace;
	size_t i;
	int rc = api_get(shell, &trace, "/v1/calls/%s/trace", id);

	if (rc != SHELL_DONE)
		return rc;
	events = json_object_get(trace, "events");
	if (!shell->json) {
		char day[64];
		int64_t first = render_integer(json_array_get(events, 0), "at");

		shell_say(shell, "call %s, %.10s", id, render_clock(first, true, day, sizeof(day)));
		if (json_is_true(json_object_get(trace, "cut")))
			shell_say(shell, "It entered before the oldest event that the stream has.");
		for (i = 0; i < json_array_size(events); i++)
			tell(shell->out, json_array_get(events, i), first, id);
		if (json_is_true(json_object_get(trace, "stopped")))
			shell_say(shell, "There is more: a million events were looked at.");
	}
	api_done(shell, trace);
	return SHELL_DONE;
}
