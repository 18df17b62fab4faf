/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "lib/say.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

static void
say_problems(struct shell *shell, const json_t *problems)
{
	const json_t *problem;
	size_t i;

	json_array_foreach(problems, i, problem)
	{
		shell_say(shell, "%s: %s",
			  strcmp(render_string(problem, "severity"), "critical") == 0 ? "CRITICAL"
										      : "warning",
			  render_string(problem, "text"));
		if (*render_string(problem, "hint"))
			shell_say(shell, "  %s", render_string(problem, "hint"));
	}
}

static void
say_totals(struct shell *shell, const json_t *status)
{
	const json_t *totals = json_object_get(status, "totals");
	const json_t *agents = json_object_get(totals, "agents");
	char longest[32], also[128] = "";

	if (!totals) {
		shell_say(shell, "calls:  not known while Redis is away");
		return;
	}
	render_ms(render_integer(status, "longest_wait_ms"), longest, sizeof(longest));
	shell_say(shell,
		  "calls:  %" PRId64 " waiting (longest %s), %" PRId64 " held, %" PRId64
		  " ringing, %" PRId64 " talking",
		  render_integer(totals, "waiting"), longest, render_integer(totals, "held"),
		  render_integer(totals, "ringing"), render_integer(totals, "talking"));
	if (render_integer(agents, "paused") || render_integer(agents, "unreachable"))
		snprintf(also, sizeof(also),
			 "; of these %" PRId64 " paused, %" PRId64 " unreachable",
			 render_integer(agents, "paused"), render_integer(agents, "unreachable"));
	shell_say(shell,
		  "agents: %" PRId64 " idle, %" PRId64 " ringing, %" PRId64 " talking, %" PRId64
		  " in wrap-up, %" PRId64 " logged out%s",
		  render_integer(agents, "idle"), render_integer(agents, "ringing"),
		  render_integer(agents, "talking"), render_integer(agents, "wrapup"),
		  render_integer(agents, "logged_out"), also);
}

int
cmd_status(struct shell *shell, const struct match *match)
{
	const json_t *nodes, *redis, *pool;
	json_t *status;
	char age[SAY_MAX];
	int rc = api_get(shell, &status, "/v1/status");

	(void)match;
	if (rc != SHELL_DONE)
		return rc;
	nodes = json_object_get(status, "nodes");
	redis = json_object_get(status, "redis");
	pool = json_object_get(status, "pool");
	shell_say(shell, "%s", render_string(status, "verdict"));
	shell_say(shell, "%s is %s (mqsd %s, up %s)", render_string(status, "instance"),
		  render_string(status, "status"), render_string(status, "version"),
		  say_age(1000 * render_integer(status, "uptime_s"), age));
	say_problems(shell, json_object_get(status, "problems"));
	say_totals(shell, status);
	shell_say(shell, "nodes:  %" PRId64 " of %" PRId64 " up", render_integer(nodes, "up"),
		  render_integer(nodes, "total"));
	shell_say(shell, "redis:  %s at %s; pool %s is %s", render_string(redis, "state"),
		  render_string(redis, "address"), render_string(pool, "name"),
		  render_string(pool, "state"));
	if (shell->json)
		output_json(shell->out, status);
	json_decref(status);
	return SHELL_DONE;
}

/* The text is mqsd's, byte for byte, so that mqsctl can read it; its writer leaves no control
 * characters in it. */
int
cmd_export(struct shell *shell, const struct match *match)
{
	json_t *reply;
	int rc = api_get(shell, &reply, "/v1/export");

	(void)match;
	if (rc != SHELL_DONE)
		return rc;
	if (!shell->json)
		fputs(render_string(reply, "text"), shell->out);
	api_done(shell, reply);
	return SHELL_DONE;
}
