/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/queue_option.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/confirm.h"
#include "mqsctl/grammar.h"
#include "mqsctl/option_args.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A closed one says so where it is named. */
static void
render_queue(const json_t *queue, const char *key, char *out, size_t size)
{
	size_t len;

	render_text(queue, key, out, size);
	len = strlen(out);
	if (json_is_true(json_object_get(queue, "closed")))
		snprintf(out + len, size - len, " (closed)");
}

static const struct column list_columns[] = {
	{"QUEUE", "name", render_queue, COLUMN_FLEXIBLE},
	{"STRATEGY", "strategy", render_text, COLUMN_PLAIN},
	{"WAITING", "waiting", render_text, COLUMN_RIGHT},
	{"LONGEST", "longest_wait_ms", render_duration, COLUMN_RIGHT},
	{"HELD", "held", render_text, COLUMN_RIGHT},
	{"RINGING", "ringing", render_text, COLUMN_RIGHT},
	{"TALKING", "talking", render_text, COLUMN_RIGHT},
	{"MEMBERS", "members", render_text, COLUMN_RIGHT},
	{"IDLE", "idle", render_text, COLUMN_RIGHT},
};

static const struct column show_columns[] = {
	{"queue", "name", render_queue, COLUMN_PLAIN},
	{"waiting", "waiting", render_text, COLUMN_PLAIN},
	{"longest", "longest_wait_ms", render_duration, COLUMN_PLAIN},
	{"held", "held", render_text, COLUMN_PLAIN},
	{"ringing", "ringing", render_text, COLUMN_PLAIN},
	{"talking", "talking", render_text, COLUMN_PLAIN},
	{"members", "members", render_text, COLUMN_PLAIN},
	{"idle", "idle", render_text, COLUMN_PLAIN},
};

/* A pause in this queue alone is told beside the state that the agent has in all. */
static void
render_member(const json_t *member, const char *key, char *out, size_t size)
{
	char reason[128];
	size_t len;

	render_agent_state(member, key, out, size);
	len = strlen(out);
	render_text(member, "paused_here", reason, sizeof(reason));
	if (*render_string(member, "paused_here"))
		snprintf(out + len, size - len, ", paused here (%s)", reason);
}

static const struct column member_columns[] = {
	{"MEMBER", "agent", render_text, COLUMN_FLEXIBLE},
	{"PENALTY", "penalty", render_text, COLUMN_RIGHT},
	{"STATE", "state", render_member, COLUMN_PLAIN},
};

int
cmd_queue_list(struct shell *shell, const struct match *match)
{
	(void)match;
	return api_list(shell, "/v1/queues", "queues", list_columns, COUNT(list_columns),
			"no queues; make one: queue create <name>");
}

/* The options come from their rows, so that a new one is shown without a line here. */
static void
show_options(struct shell *shell, const json_t *queue)
{
	const struct option *o;
	const json_t *value;
	char text[OUTPUT_CELL_MAX];
	size_t i;

	for (i = 0; i < queue_options.count; i++) {
		o = &queue_options.rows[i];
		value = json_object_get(queue, o->name);
		if (value)
			shell_say(shell, "  %-16s %s%s%s", o->name,
				  render_json(value, text, sizeof(text)), o->unit ? " " : "",
				  o->unit ? o->unit : "");
	}
}

int
cmd_queue_show(struct shell *shell, const struct match *match)
{
	const json_t *members;
	json_t *queue;
	int rc = api_get(shell, &queue, "/v1/queues/%s", match_value(match, "queue"));

	if (rc != SHELL_DONE)
		return rc;
	if (shell->json) {
		api_done(shell, queue);
		return SHELL_DONE;
	}
	output_object(shell->out, show_columns, COUNT(show_columns), queue);
	shell_say(shell, "options");
	show_options(shell, queue);
	members = json_object_get(queue, "member_list");
	if (json_array_size(members) == 0)
		shell_say(shell,
			  "no members: its callers wait until it has some (queue member add)");
	else
		output_table(shell->out, output_width(shell->out), member_columns,
			     COUNT(member_columns), members);
	json_decref(queue);
	return SHELL_DONE;
}

int
cmd_queue_create(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "name");
	json_t *body = json_pack("{s:s}", "name", name), *queue;
	char *words;
	int rc;

	option_args_json(match, "queue-option", &queue_options, body);
	rc = api_edit(shell, "POST", body, &queue, "/v1/queues");
	if (rc != SHELL_DONE)
		return rc;
	words = option_args_words(&queue_options, queue);
	shell_say(shell, "queue %s created:%s", name, words);
	free(words);
	api_done(shell, queue);
	return SHELL_DONE;
}

int
cmd_queue_set(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "queue"),
		   *option = match_value(match, "queue-option");
	json_t *body, *before, *after;
	char *was, *is;
	int rc = api_get(shell, &before, "/v1/queues/%s", name);

	if (rc != SHELL_DONE)
		return rc;
	body = json_object();
	option_args_json(match, "queue-option", &queue_options, body);
	rc = api_edit(shell, "PATCH", body, &after, "/v1/queues/%s", name);
	if (rc == SHELL_DONE) {
		was = option_args_value(before, option);
		is = option_args_value(after, option);
		shell_say(shell, "queue %s: %s is %s (was %s)", name, option, is, was);
		free(was);
		free(is);
		api_done(shell, after);
	}
	json_decref(before);
	return rc;
}

static int
move_door(struct shell *shell, const struct match *match, const char *verb, json_t **queue)
{
	return api_edit(shell, "POST", NULL, queue, "/v1/queues/%s/%s", match_value(match, "queue"),
			verb);
}

int
cmd_queue_close(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "queue");
	json_t *queue;
	int rc = move_door(shell, match, "close", &queue);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell,
		  "queue %s is closed: who dials it now gets the dialplan's fallback; %" PRId64
		  " who wait are served",
		  name,
		  render_integer(queue, "waiting") + render_integer(queue, "held") +
			  render_integer(queue, "ringing"));
	api_done(shell, queue);
	return SHELL_DONE;
}

int
cmd_queue_open(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "queue");
	json_t *queue;
	int rc = move_door(shell, match, "open", &queue);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell, "queue %s is open", name);
	api_done(shell, queue);
	return SHELL_DONE;
}

int
cmd_queue_delete(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "queue");
	json_t *before, *reply;
	size_t members;
	int rc = api_get(shell, &before, "/v1/queues/%s", name);

	if (rc != SHELL_DONE)
		return rc;
	members = json_array_size(json_object_get(before, "member_list"));
	rc = confirm(shell,
		     "This deletes queue %s and %zu membership%s; no agent is touched. Who dials "
		     "it then gets the dialplan's fallback.",
		     name, members, members == 1 ? "" : "s");
	if (rc == SHELL_DONE)
		rc = api_edit(shell, "DELETE", NULL, &reply, "/v1/queues/%s", name);
	if (rc == SHELL_DONE) {
		shell_say(shell,
			  "queue %s deleted, with %zu membership%s; no call and no agent was "
			  "touched. "
			  "Who dials it now gets the dialplan's fallback.",
			  name, members, members == 1 ? "" : "s");
		api_done(shell, reply);
	}
	json_decref(before);
	return rc;
}
