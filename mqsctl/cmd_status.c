/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

/* "3 d 4 h", "12 min", "7 s": for sentences, where the two largest units say enough. */
static char *
say_age(int64_t s, char *out, size_t size)
{
	if (s >= 86400)
		snprintf(out, size, "%" PRId64 " d %" PRId64 " h", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		snprintf(out, size, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(out, size, "%" PRId64 " min", s / 60);
	else
		snprintf(out, size, "%" PRId64 " s", s);
	return out;
}

static void
say_problems(struct shell *shell, const json_t *problems, bool critical)
{
	const json_t *problem;
	size_t i;

	json_array_foreach(problems, i, problem)
	{
		if ((strcmp(render_string(problem, "severity"), "critical") == 0) != critical)
			continue;
		shell_say(shell, "%s: %s", critical ? "CRITICAL" : "warning",
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
	char age[64];
	int rc = api_get(shell, &status, "/v1/status");

	(void)match;
	if (rc != SHELL_DONE)
		return rc;
	nodes = json_object_get(status, "nodes");
	redis = json_object_get(status, "redis");
	pool = json_object_get(status, "pool");
	shell_say(shell, "%s is %s (mqsd %s, up %s)", render_string(status, "instance"),
		  render_string(status, "status"), render_string(status, "version"),
		  say_age(render_integer(status, "uptime_s"), age, sizeof(age)));
	/* The worst first, in whatever order they came. */
	say_problems(shell, json_object_get(status, "problems"), true);
	say_problems(shell, json_object_get(status, "problems"), false);
	if (json_array_size(json_object_get(status, "problems")) == 0)
		shell_say(shell, "no problems");
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
