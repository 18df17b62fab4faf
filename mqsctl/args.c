/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/args.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/client.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/queue_option.h"
#include "lib/text.h"
#include "mqsctl/candidates.h"
#include "mqsctl/grammar.h"
#include "mqsctl/output.h"

/* Somebody has pressed TAB and waits. */
#define LIVE_DEADLINE_MS 150

static const char *const call_states[] = {"waiting", "held", "ringing", "talking", NULL};

/* --- checks -------------------------------------------------------------------------------- */

static char *
check_name(const struct match *match, const char *word, struct err *err)
{
	(void)match;
	if (text_is_name(word))
		return mem_dup(word);
	err_set(err, "\"%.80s\" is not a name: 1 to %d of letters, digits, '_', '.', '-'", word,
		TEXT_NAME_MAX);
	return NULL;
}

static char *
check_text(const struct match *match, const char *word, struct err *err)
{
	(void)match;
	if (*word)
		return mem_dup(word);
	err_set(err, "an empty word");
	return NULL;
}

/* Whatever it is, it is not repeated. */
static char *
check_secret(const struct match *match, const char *word, struct err *err)
{
	(void)match;
	if (*word)
		return mem_dup(word);
	err_set(err, "an empty secret");
	return NULL;
}

static char *
check_range(const char *word, int64_t min, int64_t max, struct err *err)
{
	char *end;
	long long v = strtoll(word, &end, 10);

	if (end != word && !*end && v >= min && v <= max)
		return mem_printf("%lld", v);
	err_set(err, "\"%.80s\" is not a number from %" PRId64 " to %" PRId64, word, min, max);
	return NULL;
}

static char *
check_penalty(const struct match *match, const char *word, struct err *err)
{
	(void)match;
	return check_range(word, 0, INT32_MAX, err);
}

static char *
check_priority(const struct match *match, const char *word, struct err *err)
{
	(void)match;
	return check_range(word, -100, 100, err);
}

static char *
check_seconds(const struct match *match, const char *word, struct err *err)
{
	(void)match;
	return check_range(word, 1, 86400, err);
}

static char *
check_count(const struct match *match, const char *word, struct err *err)
{
	(void)match;
	return check_range(word, 1, 1000000000, err);
}

/* --- words that are known here ------------------------------------------------------------- */

static const char *
candidate_text(const void *table, size_t i)
{
	return ((const struct candidates *)table)->list[i].text;
}

static void
list_words(const struct candidates *c, char *out, size_t size)
{
	size_t i, len = 0;

	out[0] = '\0';
	for (i = 0; i < c->count && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "",
					c->list[i].text);
}

/* The one known word that the typed one spells or begins; c is emptied. */
static char *
pick(struct candidates *c, const char *word, struct err *err)
{
	char *value = NULL, names[256];
	const char *near;
	size_t i;

	for (i = 0; i < c->count && !value; i++)
		if (strcmp(c->list[i].text, word) == 0)
			value = mem_dup(word);
	if (value) {
		candidates_clear(c);
		return value;
	}
	near = text_nearest(word, candidate_text, c, c->count);
	list_words(c, names, sizeof(names));
	err_set(err, "\"%.80s\" is none of: %s%s%s%s", word, names, near ? "; did you mean \"" : "",
		near ? near : "", near ? "\"?" : "");
	candidates_keep(c, *word ? word : "\n");
	list_words(c, names, sizeof(names));
	if (c->count == 1)
		value = mem_dup(c->list[0].text);
	else if (c->count > 1)
		err_set(err, "\"%.80s\" could be %s", word, names);
	candidates_clear(c);
	return value;
}

static void
known_call_states(const struct match *match, struct client *client, struct candidates *out)
{
	size_t i;

	(void)match;
	(void)client;
	for (i = 0; call_states[i]; i++)
		candidates_add(out, call_states[i], NULL);
}

static char *
check_call_state(const struct match *match, const char *word, struct err *err)
{
	struct candidates c = {0};

	known_call_states(match, NULL, &c);
	return pick(&c, word, err);
}

static void
known_levels(const struct match *match, struct client *client, struct candidates *out)
{
	size_t i;

	(void)match;
	(void)client;
	for (i = 0; log_level_names[i]; i++)
		candidates_add(out, log_level_names[i], NULL);
}

static char *
check_level(const struct match *match, const char *word, struct err *err)
{
	struct candidates c = {0};

	known_levels(match, NULL, &c);
	return pick(&c, word, err);
}

/* --- options of queues and agents ---------------------------------------------------------- */

static const struct option_table *
option_table_of(const char *kind)
{
	if (strcmp(kind, "queue-option") == 0)
		return &queue_options;
	return strcmp(kind, "agent-option") == 0 ? &agent_options : NULL;
}

static const struct option *
option_at(const struct match *match, size_t nth)
{
	const struct option_table *table = option_table_of(match->args[nth].kind->name);

	return table ? option_find(table, table->rows[0].section, match->args[nth].value) : NULL;
}

const struct option *
arg_option(const struct match *match)
{
	return match->arg_count > 0 ? option_at(match, match->arg_count - 1) : NULL;
}

bool
arg_kind_is_secret(const struct arg_kind *kind)
{
	const struct option_table *table = option_table_of(kind->name);
	size_t i;

	for (i = 0; table && i < table->count; i++)
		if (table->rows[i].secret)
			return true;
	return kind->check == check_secret;
}

bool
arg_is_secret(const struct match *match, size_t nth)
{
	const struct option *o = option_at(match, nth);

	return (o && o->secret) || match->args[nth].kind->check == check_secret;
}

static bool
is_given(const struct match *match, const char *kind, const char *name)
{
	const char *value;
	size_t i;

	for (i = 0; (value = match_value_at(match, kind, i)); i++)
		if (strcmp(value, name) == 0)
			return true;
	return false;
}

static void
known_options(const struct match *match, const char *kind, struct candidates *out)
{
	const struct option_table *table = option_table_of(kind);
	size_t i;

	for (i = 0; i < table->count; i++)
		if (!is_given(match, kind, table->rows[i].name))
			candidates_add(out, table->rows[i].name, table->rows[i].help);
}

static char *
check_option(const struct match *match, const char *kind, const char *word, struct err *err)
{
	struct candidates c = {0};

	if (is_given(match, kind, word)) {
		err_set(err, "\"%s\" is given twice", word);
		return NULL;
	}
	known_options(match, kind, &c);
	return pick(&c, word, err);
}

static void
known_queue_options(const struct match *match, struct client *client, struct candidates *out)
{
	(void)client;
	known_options(match, "queue-option", out);
}

static char *
check_queue_option(const struct match *match, const char *word, struct err *err)
{
	return check_option(match, "queue-option", word, err);
}

static void
known_agent_options(const struct match *match, struct client *client, struct candidates *out)
{
	(void)client;
	known_options(match, "agent-option", out);
}

static char *
check_agent_option(const struct match *match, const char *word, struct err *err)
{
	return check_option(match, "agent-option", word, err);
}

static void
known_values(const struct match *match, struct client *client, struct candidates *out)
{
	const struct option *o = arg_option(match);
	size_t i;

	(void)client;
	if (!o)
		return;
	if (o->type == OPTION_ENUM)
		for (i = 0; o->values[i]; i++)
			candidates_add(out, o->values[i], NULL);
	else if (o->type == OPTION_BOOL) {
		candidates_add(out, "yes", NULL);
		candidates_add(out, "no", NULL);
	}
}

static char *
check_value(const struct match *match, const char *word, struct err *err)
{
	const struct option *o = arg_option(match);
	struct candidates c = {0};
	char canonical[256];

	if (!o) {
		err_set(err, "a value without its option");
		return NULL;
	}
	if (o->type == OPTION_ENUM) {
		known_values(match, NULL, &c);
		return pick(&c, word, err);
	}
	if (queue_option_check(o, word, canonical, sizeof(canonical), err) != 0)
		return NULL;
	return mem_dup(canonical);
}

/* --- names that live in mqsd --------------------------------------------------------------- */

/* Adds the `name` of each object in the reply's `list`, with the text of `help` beside it. */
static void
ask_live(struct client *client, const char *path, const char *list, const char *name,
	 const char *help, struct candidates *out)
{
	struct client_reply reply;
	struct err err;
	const json_t *object;
	const char *text;
	char clean[128];
	size_t i;

	/* Nobody there or too slow: no candidates. The command itself will say so. */
	if (!client ||
	    client_request(client, "GET", path, NULL, LIVE_DEADLINE_MS, &reply, &err) != 0)
		return;
	json_array_foreach(json_object_get(reply.body, list), i, object)
	{
		text = json_string_value(json_object_get(object, help));
		output_printable(clean, sizeof(clean), text ? text : "", text ? strlen(text) : 0);
		text = json_string_value(json_object_get(object, name));
		/* What is inserted into the line must not bring control characters along. */
		if (text && text_is_name(text))
			candidates_add(out, text, clean);
	}
	json_decref(reply.body);
}

static void
known_queues(const struct match *match, struct client *client, struct candidates *out)
{
	(void)match;
	ask_live(client, "/v1/queues", "queues", "name", "strategy", out);
}

static void
known_agents(const struct match *match, struct client *client, struct candidates *out)
{
	(void)match;
	ask_live(client, "/v1/agents?fields=name,state", "agents", "name", "state", out);
}

static void
known_members(const struct match *match, struct client *client, struct candidates *out)
{
	const char *queue = match_value(match, "queue");
	char *path;

	/* A queue's name needs no escaping. */
	if (!queue)
		return;
	path = mem_printf("/v1/queues/%s", queue);
	ask_live(client, path, "member_list", "agent", "state", out);
	free(path);
}

static void
known_calls(const struct match *match, struct client *client, struct candidates *out)
{
	(void)match;
	ask_live(client, "/v1/calls?fields=id,state", "calls", "id", "state", out);
}

static void
known_nodes(const struct match *match, struct client *client, struct candidates *out)
{
	(void)match;
	ask_live(client, "/v1/nodes", "nodes", "name", "state", out);
}

static void
known_instances(const struct match *match, struct client *client, struct candidates *out)
{
	(void)match;
	ask_live(client, "/v1/instances", "instances", "name", "version", out);
}

/* --- the table ----------------------------------------------------------------------------- */

static const struct arg_kind kinds[] = {
	{"queue", "name of a queue", check_name, known_queues},
	{"agent", "name of an agent", check_name, known_agents},
	{"member", "name of an agent in that queue", check_name, known_members},
	{"node", "name of a node", check_name, known_nodes},
	{"instance", "name of an mqsd", check_name, known_instances},
	{"name", "a new name", check_name, NULL},
	{"url", "http[s]://HOST:PORT of a node's ARI", check_text, NULL},
	{"address", "sip:HOST:PORT of a node; without it sip: and the url's host", check_text,
	 NULL},
	{"user", "an ARI user; without it that of mqsd.conf", check_text, NULL},
	{"file", "a configuration file of mqsd", check_text, NULL},
	{"call", "id of a call", check_text, known_calls},
	{"queue-option", "an option of queues", check_queue_option, known_queue_options},
	{"agent-option", "an option of agents", check_agent_option, known_agent_options},
	{"value", "the option's value", check_value, known_values},
	{"penalty", "a number; members with a lower one are offered calls first", check_penalty,
	 NULL},
	{"priority", "-100 to 100; a higher one is offered first", check_priority, NULL},
	{"number", "the caller's number, or its end", check_text, NULL},
	{"state", "state of a call", check_call_state, known_call_states},
	{"level", "least severity that is logged", check_level, known_levels},
	{"secret", "a secret; the history does not keep the line", check_secret, NULL},
	{"text", "some words, to the end of the line", check_text, NULL},
	{"event", "id of an event; those after it are shown", check_text, NULL},
	{"count", "how many", check_count, NULL},
	{"seconds", "a number from 1 to 86400", check_seconds, NULL},
	{"command", "the words that a command begins with", check_text, NULL},
};

const struct arg_kind *
arg_kind_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0)
			return &kinds[i];
	return NULL;
}

const char *
arg_help(const struct arg_kind *kind, const struct match *match, char *out, size_t size)
{
	const struct option *o = arg_option(match);
	char range[256];

	if (strcmp(kind->name, "value") != 0 || !o)
		return kind->help;
	snprintf(out, size, "%s: %s", o->name, option_range(o, range, sizeof(range)));
	return out;
}
