/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/grammar.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

static int64_t
calls_of(const json_t *node)
{
	return render_integer(node, "waiting") + render_integer(node, "held") +
	       render_integer(node, "ringing") + render_integer(node, "talking");
}

/* Its own state first, unless that is the usual one; the calls left are the next columns' sum. */
static void
render_state(const json_t *node, const char *key, char *out, size_t size)
{
	const char *drain = render_string(node, "drain");
	size_t n = 0;

	render_text(node, key, out, size);
	if (*drain == '\0')
		return;
	if (strcmp(out, "up") != 0)
		n = strlen(out);
	if (n > 0 && n < size)
		n += (size_t)snprintf(out + n, size - n, ", ");
	if (n >= size)
		return;
	if (calls_of(node) > 0)
		snprintf(out + n, size - n, "%s, %" PRId64 " left", drain, calls_of(node));
	else
		snprintf(out + n, size - n, "%s", drain);
}

static const struct column columns[] = {
	{"NODE", "name", render_text, COLUMN_FLEXIBLE},
	{"STATE", "state", render_state, COLUMN_PLAIN},
	{"SINCE", "since_ms", render_duration, COLUMN_RIGHT},
	{"PHONES", "phones", render_text, COLUMN_PLAIN},
	{"WAITING", "waiting", render_text, COLUMN_RIGHT},
	{"HELD", "held", render_text, COLUMN_RIGHT},
	{"RINGING", "ringing", render_text, COLUMN_RIGHT},
	{"TALKING", "talking", render_text, COLUMN_RIGHT},
	{"OWNER", "owner", render_text, COLUMN_FLEXIBLE},
	{"ASTERISK", "asterisk", render_text, COLUMN_FLEXIBLE},
	{"URL", "url", render_text, COLUMN_FLEXIBLE},
};

int
cmd_node_list(struct shell *shell, const struct match *match)
{
	(void)match;
	return api_list(shell, "/v1/nodes", "nodes", columns, sizeof(columns) / sizeof(columns[0]),
			"no nodes; mqsd.conf declares them: [node a1] url = http://127.0.0.1:8088");
}

/* What Kamailio made of the wish, where it was not told. */
static void
say_kamailio(struct shell *shell, const char *name, const json_t *node, bool drain)
{
	const char *word = render_string(node, "kamailio");

	if (strcmp(word, "silent") == 0)
		shell_say(shell,
			  "Kamailio does not answer mqsd: it is told as soon as it does. Until "
			  "then it goes on as before.");
	else if (strcmp(word, "missing") == 0)
		shell_say(shell,
			  "Kamailio's dispatcher has no duid=%s: it sends no callers there by that "
			  "name. Look at its dispatcher.list.",
			  name);
	else if (strcmp(word, "off") == 0)
		shell_say(shell,
			  "mqsd.conf names no Kamailio ([kamailio] rpc is empty). Tell it there: "
			  "kamcmd dispatcher.set_duid_state %s 1 %s",
			  drain ? "d" : "ip", name);
}

int
cmd_node_drain(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "node");
	int64_t calls;
	json_t *node;
	int rc = api_edit(shell, "POST", NULL, &node, "/v1/nodes/%s/drain", name);

	if (rc != SHELL_DONE)
		return rc;
	calls = render_integer(node, "calls");
	if (calls > 0)
		shell_say(shell,
			  "node %s gets no new callers; the %" PRId64
			  " call%s on it go%s on to the end. node list shows how many are left.",
			  name, calls, calls == 1 ? "" : "s", calls == 1 ? "es" : "");
	else
		shell_say(shell, "node %s gets no new callers, and has no calls: it is drained",
			  name);
	say_kamailio(shell, name, node, true);
	api_done(shell, node);
	return SHELL_DONE;
}

int
cmd_node_undrain(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "node");
	json_t *node;
	int rc = api_edit(shell, "POST", NULL, &node, "/v1/nodes/%s/undrain", name);

	if (rc != SHELL_DONE)
		return rc;
	if (json_is_true(json_object_get(node, "already")))
		shell_say(shell, "node %s was not draining", name);
	else
		shell_say(shell,
			  "node %s gets new callers again, once it has answered a probe of "
			  "Kamailio's",
			  name);
	say_kamailio(shell, name, node, false);
	api_done(shell, node);
	return SHELL_DONE;
}

int
cmd_node_add(struct shell *shell, const struct match *match)
{
	static const char *const options[][2] = {
		{"sip", "address"}, {"user", "user"}, {"password", "secret"}};
	const char *name = match_value(match, "name"), *value;
	json_t *body = json_pack("{s:s, s:s}", "name", name, "url", match_value(match, "url"));
	json_t *node;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		value = match_value(match, options[i][1]);
		if (value)
			json_object_set_new(body, options[i][0], json_string(value));
	}
	rc = api_edit(shell, "POST", body, &node, "/v1/nodes");
	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell,
		  "node %s added: every mqsd connects to it, and Kamailio is told to send callers "
		  "to %s. node check %s tells whether it is as it must be.",
		  name, render_string(node, "sip"), name);
	shell_say(shell,
		  "Kamailio forgets it when it starts, and is told again; so that it knows it "
		  "without mqsd add to its dispatcher.list: %s",
		  render_string(node, "line"));
	api_done(shell, node);
	return SHELL_DONE;
}

int
cmd_node_remove(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "node");
	json_t *node;
	int rc = api_edit(shell, "DELETE", NULL, &node, "/v1/nodes/%s", name);

	if (rc != SHELL_DONE)
		return rc;
	shell_say(shell,
		  "node %s removed, with no call on it; Kamailio sends it no callers. If its "
		  "dispatcher.list has duid=%s, take that line out.",
		  name, name);
	api_done(shell, node);
	return SHELL_DONE;
}
