/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/export_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/queue_option.h"
#include "lib/text.h"
#include "lib/words.h"

static const char note[] =
	"# Commands of mqsctl: a copy to fill Redis from; mqsctl < FILE does it, too.\n";

/* FNV-1a, 64 bits. */
uint64_t
export_sum(const char *text, size_t len)
{
	uint64_t sum = 14695981039346656037U;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 1099511628211U;
	return sum;
}

/* One word; what could end the line becomes a space. */
static void
put_word(FILE *out, const char *text)
{
	char *plain = mem_dup(text), *quoted, *c;

	for (c = plain; *c != '\0'; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	quoted = words_quote(plain);
	fprintf(out, " %s", quoted);
	free(quoted);
	free(plain);
}

const char *
export_text_at(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL ? s : "";
}

static int64_t
number_at(const json_t *object, const char *key)
{
	return (int64_t)json_number_value(json_object_get(object, key));
}

/* In the order of the rows; an option that has none is none of ours. */
static void
put_options(FILE *out, const struct option_table *table, const json_t *options)
{
	const json_t *value;
	size_t i;

	for (i = 0; i < table->count; i++) {
		value = json_object_get(options, table->rows[i].name);
		if (!json_is_string(value))
			continue;
		fprintf(out, " %s", table->rows[i].name);
		put_word(out, json_string_value(value));
	}
	fputc('\n', out);
}

static void
put_member(FILE *out, const json_t *agent, const char *queue, const json_t *penalty)
{
	const char *name = export_text_at(agent, "name");
	const char *paused = export_text_at(json_object_get(agent, "paused_in"), queue);

	fprintf(out, "queue member add %s %s penalty %" PRId64 "\n", queue, name,
		(int64_t)json_number_value(penalty));
	if (*paused == '\0')
		return;
	fprintf(out, "queue member pause %s %s reason", queue, name);
	put_word(out, paused);
	fputc('\n', out);
}

static void
put_members(FILE *out, const json_t *agent)
{
	const char *queue;
	char *sorted = json_dumps(json_object_get(agent, "members"), JSON_SORT_KEYS);
	json_t *copy = sorted != NULL ? json_loads(sorted, 0, NULL) : NULL, *penalty;

	json_object_foreach(copy, queue, penalty) put_member(out, agent, queue, penalty);
	json_decref(copy);
	free(sorted);
}

const struct export_fact export_facts[EXPORT_FACTS] = {
	{"registered", false}, {"unreachable", false}, {"misses", true},
	{"backoff", true},     {"wrapup", true},
};

static void
put_facts(FILE *out, const json_t *agent)
{
	size_t i;

	for (i = 0; i < EXPORT_FACTS; i++) {
		if (export_facts[i].number && number_at(agent, export_facts[i].word) > 0)
			fprintf(out, " %s %" PRId64, export_facts[i].word,
				number_at(agent, export_facts[i].word));
		else if (!export_facts[i].number &&
			 json_is_true(json_object_get(agent, export_facts[i].word)))
			fprintf(out, " %s", export_facts[i].word);
	}
}

static void
put_agent(FILE *out, const json_t *agent)
{
	const char *name = export_text_at(agent, "name");

	fprintf(out, "agent add %s", name);
	put_options(out, &agent_options, json_object_get(agent, "options"));
	/* Paused before it is logged in: fed to mqsctl it must not get a call in between. */
	if (*export_text_at(agent, "paused") != '\0') {
		fprintf(out, "agent pause %s reason", name);
		put_word(out, export_text_at(agent, "paused"));
		fputc('\n', out);
	}
	put_members(out, agent);
	if (json_is_true(json_object_get(agent, "logged_in")))
		fprintf(out, "agent login %s\n", name);
}

static bool
is_queue(const json_t *object)
{
	return strcmp(export_text_at(object, "kind"), "queue") == 0;
}

static void
put_commands(FILE *out, const json_t *object)
{
	if (is_queue(object)) {
		fprintf(out, "queue create %s", export_text_at(object, "name"));
		put_options(out, &queue_options, json_object_get(object, "options"));
	} else {
		put_agent(out, object);
	}
}

char *
export_commands(const json_t *object)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	put_commands(out, object);
	fclose(out);
	return text;
}

char *
export_object(const json_t *object)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "# %s %s version %" PRId64, export_text_at(object, "kind"),
		export_text_at(object, "name"), number_at(object, "version"));
	if (!is_queue(object))
		put_facts(out, object);
	fputc('\n', out);
	put_commands(out, object);
	fclose(out);
	return text;
}

char *
export_text(const struct export_head *head, const char *const *objects, size_t count, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	size_t i;

	fprintf(out,
		"# mqs-export " EXPORT_FORMAT " pool %s version %" PRId64 " born %" PRId64 "\n%s",
		head->pool, head->version, head->born, note);
	for (i = 0; i < count; i++)
		fputs(objects[i], out);
	fflush(out);
	fprintf(out, "# end objects %zu sum %016" PRIx64 "\n", count, export_sum(text, *len));
	fclose(out);
	return text;
}
