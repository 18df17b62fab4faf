/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/confirm.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

static void
render_state(const json_t *instance, const char *key, char *out, size_t size)
{
	snprintf(out, size, "%s",
		 json_is_true(json_object_get(instance, key)) ? "leaving" : "live");
}

static void
render_process(const json_t *instance, const char *key, char *out, size_t size)
{
	char pid[32];

	render_text(instance, "pid", pid, sizeof(pid));
	snprintf(out, size, "%s:%s", render_string(instance, key), pid);
}

static const struct column columns[] = {
	{"INSTANCE", "name", render_text, COLUMN_PLAIN},
	{"STATE", "leaving", render_state, COLUMN_PLAIN},
	{"SINCE", "since_ms", render_duration, COLUMN_RIGHT},
	{"VERSION", "version", render_text, COLUMN_PLAIN},
	{"PROCESS", "host", render_process, COLUMN_FLEXIBLE},
	{"NODES", "nodes", render_list, COLUMN_FLEXIBLE},
	{"PID", "pid", render_text, COLUMN_HIDDEN},
};

int
cmd_instance_list(struct shell *shell, const struct match *match)
{
	(void)match;
	return api_list(shell, "/v1/instances", "instances", columns,
			sizeof(columns) / sizeof(columns[0]), "no instances");
}

/* Says what becomes of its nodes. An instance that is not listed is mqsd's to refuse. */
static int
confirm_leave(struct shell *shell, const char *name)
{
	json_t *reply, *instance;
	char nodes[OUTPUT_CELL_MAX] = "-";
	size_t i, others = 0;
	int rc = api_get(shell, &reply, "/v1/instances");

	if (rc != SHELL_DONE)
		return rc;
	json_array_foreach(json_object_get(reply, "instances"), i, instance)
	{
		if (strcmp(render_string(instance, "name"), name) == 0)
			render_list(instance, "nodes", nodes, sizeof(nodes));
		else if (!json_is_true(json_object_get(instance, "leaving")))
			others++;
	}
	json_decref(reply);
	return confirm(shell, "This stops mqsd %s, which has the nodes: %s. %s", name, nodes,
		       others > 0 ? "The others take them; no call is touched."
				  : "There is no other mqsd: conversations go on, but nothing is "
				    "decided until one is started.");
}

int
cmd_instance_leave(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "instance");
	json_t *reply;
	int rc = confirm_leave(shell, name);

	if (rc == SHELL_DONE)
		rc = api_edit(shell, "POST", NULL, &reply, "/v1/instances/%s/leave", name);
	if (rc != SHELL_DONE)
		return rc;
	if (render_integer(reply, "others") > 0)
		shell_say(shell, "instance %s is leaving: the others take its nodes, and it stops",
			  name);
	else
		shell_say(shell,
			  "instance %s is leaving, and there is no other: callers wait in the "
			  "dialplan, conversations go on, nothing is decided until one is started",
			  name);
	api_done(shell, reply);
	return SHELL_DONE;
}
