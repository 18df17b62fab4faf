/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/code.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "mqsd/conf.h"
#include "mqsd/node.h"

#define REFUSED "refused" /* of the dialplan's extensions in mqs-code */

/* A phone that waits to hear what came of its code. */
struct caller {
	struct node *node;
	char *channel, *agent;
};

struct code
code_find(const struct conf *conf, const char *dialled)
{
	const struct {
		const char *code, *what;
	} rows[] = {{conf->code_login, "login"},
		    {conf->code_pause, "pause"},
		    {conf->code_wrapup, "wrapup"}};
	size_t i, len = strlen(conf->code_pause);
	const char *reason;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*rows[i].code != '\0' && strcmp(rows[i].code, dialled) == 0)
			return (struct code){rows[i].what, ""};
	if (len == 0 || strncmp(dialled, conf->code_pause, len) != 0 ||
	    !isdigit((unsigned char)dialled[len]) || dialled[len + 1] != '\0')
		return (struct code){NULL, ""};
	reason = conf->code_reasons[dialled[len] - '0'];
	return (struct code){*reason != '\0' ? "pause" : NULL, reason};
}

/* A phone that has hung up meanwhile is no concern of ours. */
static void
on_prompted(void *arg, long status, json_t *body, const char *why)
{
	(void)arg;
	(void)status;
	(void)body;
	(void)why;
}

static void
prompt(struct node *node, const char *channel, const char *word)
{
	node_command(node, ARI_PROMPT, NULL, on_prompted, node, channel, word, NULL);
}

static void
on_done(void *arg, json_t *reply)
{
	struct caller *caller = arg;
	const char *refused = pool_refusal(reply);
	const char *outcome = json_string_value(json_object_get(reply, "outcome"));

	if (refused != NULL || outcome == NULL)
		log_info("node %s: the code of %s's phone was refused: %s", node_name(caller->node),
			 caller->agent, refused != NULL ? refused : "");
	prompt(caller->node, caller->channel,
	       refused == NULL && outcome != NULL ? outcome : REFUSED);
	free(caller->channel);
	free(caller->agent);
	free(caller);
}

void
code_called(struct node *node, const char *channel, const char *agent, const char *dialled)
{
	struct code code =
		dialled != NULL ? code_find(node_conf(node), dialled) : (struct code){NULL, ""};
	char reason[128];
	struct caller *caller;

	if (agent == NULL || !text_is_name(agent) || code.what == NULL) {
		prompt(node, channel, REFUSED);
		return;
	}
	text_printable(reason, sizeof(reason), code.reason, strlen(code.reason));
	caller = mem_zero(sizeof(*caller));
	caller->node = node;
	caller->channel = mem_dup(channel);
	caller->agent = mem_dup(agent);
	node_script(node, "agent_code",
		    json_pack("{s:s, s:s, s:s, s:s}", "agent", agent, "channel", channel, "what",
			      code.what, "reason", reason),
		    on_done, caller);
}
