/* SPDX-License-Identifier: BSD-2-Clause */

/* Nodes are asked to be compared with their records; what came of it is read from their list. */

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "mqsctl/api.h"
#include "mqsctl/cmd.h"
#include "mqsctl/grammar.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define LOOK_MS	  100
#define GIVEUP_MS 20000 /* the lists of a full node may take 15 s */

/* What was found, in the words of a person; 0 is not told. */
static const struct {
	const char *key, *text;
} words[] = {
	{"entered", "callers entered whom Redis did not know"},
	{"gone", "channels of records are gone"},
	{"hung_up", "channels hung up that belong to nothing"},
	{"put_back", "calls put back whose leg was of no use"},
	{"answered", "answers taken that nobody had seen"},
	{"adopted", "conversations taken over that Redis had forgotten"},
	{"joined", "conversations joined that were not"},
	{"unbridged", "bridges of no conversation deleted"},
};

static const json_t *
named(const json_t *list, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		if (strcmp(render_string(item, "name"), name) == 0)
			return item;
	}
	return NULL;
}

/* The node as it is listed now, if it was looked at since it was asked. */
static const json_t *
looked(const json_t *asked, const json_t *now)
{
	const json_t *node = named(now, render_string(asked, "name"));

	return node && render_integer(node, "looked") > render_integer(asked, "looked") ? node
											: NULL;
}

static bool
is_up(const json_t *node)
{
	return strcmp(render_string(node, "state"), "up") == 0;
}

static bool
all_looked(const json_t *asked, const json_t *now)
{
	const json_t *node;
	size_t i;

	json_array_foreach((json_t *)asked, i, node)
	{
		if (is_up(node) && !looked(node, now))
			return false;
	}
	return true;
}

static void
tell(struct shell *shell, const json_t *asked, const json_t *now)
{
	const char *name = render_string(asked, "name");
	const json_t *node = looked(asked, now), *found = json_object_get(node, "found");
	bool any = false;
	size_t i;

	if (!node) {
		if (is_up(asked))
			shell_say(shell, "node %s: no answer of its owner yet; it goes on", name);
		else
			shell_say(shell, "node %s is %s; it is compared when it is back", name,
				  render_string(asked, "state"));
		return;
	}
	for (i = 0; i < COUNT(words); i++)
		any = any || render_integer(found, words[i].key) > 0;
	shell_say(shell,
		  "node %s: %" PRId64 " records, %" PRId64 " channels and %" PRId64
		  " bridges compared%s",
		  name, render_integer(found, "calls"), render_integer(found, "channels"),
		  render_integer(found, "bridges"), any ? ":" : "; all is as it should be");
	for (i = 0; i < COUNT(words); i++)
		if (render_integer(found, words[i].key) > 0)
			shell_say(shell, "  %" PRId64 " %s", render_integer(found, words[i].key),
				  words[i].text);
	if (render_integer(found, "skipped") > 0)
		shell_say(shell, "  some calls were busy; they are looked at again soon");
}

/* Reads the list until all have been looked at; *now is the caller's. */
static int
wait_for(struct shell *shell, const json_t *asked, json_t **now)
{
	struct timespec moment = {.tv_nsec = LOOK_MS * 1000000L};
	int64_t until = clock_mono_ms() + GIVEUP_MS;
	int rc;

	for (;;) {
		rc = api_get(shell, now, "/v1/nodes");
		if (rc != SHELL_DONE || all_looked(asked, json_object_get(*now, "nodes")) ||
		    clock_mono_ms() > until || interrupt_seen())
			return rc;
		json_decref(*now);
		nanosleep(&moment, NULL);
	}
}

int
cmd_reconcile(struct shell *shell, const struct match *match)
{
	const char *name = match_value(match, "node");
	json_t *reply, *now, *asked, *node;
	size_t i;
	int rc = name ? api_edit(shell, "POST", NULL, &reply, "/v1/nodes/%s/reconcile", name)
		      : api_edit(shell, "POST", NULL, &reply, "/v1/reconcile");

	if (rc != SHELL_DONE)
		return rc;
	asked = json_object_get(reply, "nodes");
	rc = wait_for(shell, asked, &now);
	if (rc == SHELL_DONE) {
		json_array_foreach(asked, i, node)
		{
			tell(shell, node, json_object_get(now, "nodes"));
			if (looked(node, json_object_get(now, "nodes")))
				json_object_set(
					node, "found",
					json_object_get(looked(node, json_object_get(now, "nodes")),
							"found"));
		}
		json_decref(now);
		api_done(shell, reply);
		return rc;
	}
	json_decref(reply);
	return rc;
}
