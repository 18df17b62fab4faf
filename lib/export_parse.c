/* SPDX-License-Identifier: BSD-2-Clause */

/* Reads an export back. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/export_priv.h"
#include "lib/mem.h"
#include "lib/queue_option.h"
#include "lib/text.h"
#include "lib/words.h"

struct reading {
	const char *name;
	const char *line_start;
	size_t line;
	struct export_head *head;
	json_t *objects;
	json_t *seen;	/* "kind name" -> true */
	json_t *object; /* whose commands follow; borrowed from objects */
	bool created, ended;
	const char *text;
	struct words words;
	struct err *err;
};

static int fail(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int
fail(struct reading *r, const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(r->err, "%.90s:%zu: %s", r->name, r->line, why);
}

static const char *
word(const struct reading *r, size_t i)
{
	return i < r->words.count ? r->words.word[i].text : "";
}

static bool
is(const struct reading *r, size_t i, const char *text)
{
	return strcmp(word(r, i), text) == 0;
}

/* Up to 15 digits, so that scripts can count on it exactly; -1 when it is no such number. */
static int64_t
number(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	if (digits == 0 || digits > 15 || s[digits] != '\0' || (digits > 1 && *s == '0'))
		return -1;
	return strtoll(s, NULL, 10);
}

static int
read_head(struct reading *r)
{
	if (!is(r, 0, "#") || !is(r, 1, "mqs-export"))
		return fail(r, "not an export of MQS");
	if (!is(r, 2, EXPORT_FORMAT))
		return fail(r, "format %.20s; this mqsd reads format " EXPORT_FORMAT, word(r, 2));
	if (r->words.count != 9 || !is(r, 3, "pool") || !is(r, 5, "version") || !is(r, 7, "born") ||
	    !text_is_name(word(r, 4)) || number(word(r, 6)) <= 0 || number(word(r, 8)) <= 0)
		return fail(r, "the first line is damaged");
	snprintf(r->head->pool, sizeof(r->head->pool), "%s", word(r, 4));
	r->head->version = number(word(r, 6));
	r->head->born = number(word(r, 8));
	return 0;
}

/* The object before is whole: its comment was followed by the command that makes it. */
static int
check_made(struct reading *r)
{
	if (r->object != NULL && !r->created)
		return fail(r, "%s %s is not created", export_text_at(r->object, "kind"),
			    export_text_at(r->object, "name"));
	return 0;
}

static int
read_facts(struct reading *r, size_t at)
{
	size_t i;

	for (; at < r->words.count; at++) {
		for (i = 0; i < EXPORT_FACTS && !is(r, at, export_facts[i].word); i++)
			;
		if (i == EXPORT_FACTS || json_object_get(r->object, export_facts[i].word) != NULL)
			return fail(r, "'%.40s' says nothing of an agent, or is said twice",
				    word(r, at));
		if (!export_facts[i].number) {
			json_object_set_new(r->object, export_facts[i].word, json_true());
			continue;
		}
		if (number(word(r, at + 1)) <= 0)
			return fail(r, "%s: '%.40s' is no number", export_facts[i].word,
				    word(r, at + 1));
		json_object_set_new(r->object, export_facts[i].word,
				    json_integer(number(word(r, ++at))));
	}
	return 0;
}

/* "# queue NAME version N", "# agent NAME version N FACT..." */
static int
read_object(struct reading *r)
{
	char key[TEXT_NAME_MAX + 8];
	int64_t version = number(word(r, 4));

	if (check_made(r) != 0)
		return -1;
	if (!text_is_name(word(r, 2)) || !is(r, 3, "version") || version <= 0 ||
	    version > r->head->version)
		return fail(r, "this line should be: # %s NAME version NUMBER, up to %" PRId64,
			    word(r, 1), r->head->version);
	snprintf(key, sizeof(key), "%s %s", word(r, 1), word(r, 2));
	if (json_object_get(r->seen, key) != NULL)
		return fail(r, "%s comes twice", key);
	json_object_set_new(r->seen, key, json_true());
	r->object = json_pack("{s:s, s:s, s:I, s:{}}", "kind", word(r, 1), "name", word(r, 2),
			      "version", (json_int_t)version, "options");
	json_array_append_new(r->objects, r->object);
	r->created = false;
	if (is(r, 1, "agent")) {
		json_object_set_new(r->object, "members", json_object());
		return read_facts(r, 5);
	}
	return r->words.count == 5 ? 0 : fail(r, "more words than a queue has");
}

static int
read_options(struct reading *r, const struct option_table *table, size_t at)
{
	json_t *options = json_object_get(r->object, "options");
	const struct option *o;
	char canonical[512];
	struct err why;

	if (r->created)
		return fail(r, "created twice");
	r->created = true;
	for (; at < r->words.count; at += 2) {
		o = option_find(table, table->rows[0].section, word(r, at));
		if (o == NULL || at + 1 == r->words.count)
			return fail(r, "'%.40s' is no option with a value", word(r, at));
		if (json_object_get(options, o->name) != NULL)
			return fail(r, "%s comes twice", o->name);
		if (queue_option_check(o, word(r, at + 1), canonical, sizeof(canonical), &why) != 0)
			return fail(r, "%.300s", why.text);
		json_object_set_new(options, o->name, json_string(canonical));
		if (json_object_get(options, o->name) == NULL)
			return fail(r, "%s is not UTF-8", o->name);
	}
	return 0;
}

static int
read_member(struct reading *r)
{
	json_t *members = json_object_get(r->object, "members");
	const char *queue = word(r, 3);
	int64_t penalty = number(word(r, 6));

	if (r->words.count != 7 || !text_is_name(queue) || !is(r, 5, "penalty") || penalty < 0 ||
	    penalty > 100)
		return fail(r,
			    "this line should be: queue member add QUEUE AGENT penalty 0 to 100");
	if (json_object_get(members, queue) != NULL)
		return fail(r, "member of queue %s twice", queue);
	json_object_set_new(members, queue, json_integer(penalty));
	return 0;
}

/* Behind the line that makes it a member. */
static int
read_member_pause(struct reading *r)
{
	json_t *paused = json_object_get(r->object, "paused_in");
	const char *queue = word(r, 3);

	if (r->words.count != 7 || !is(r, 5, "reason") || *word(r, 6) == '\0' ||
	    json_object_get(json_object_get(r->object, "members"), queue) == NULL ||
	    json_object_get(paused, queue) != NULL)
		return fail(r, "this line should be: queue member pause QUEUE AGENT reason TEXT, "
			       "once, of a member");
	if (paused == NULL) {
		paused = json_object();
		json_object_set_new(r->object, "paused_in", paused);
	}
	json_object_set_new(paused, queue, json_string(word(r, 6)));
	if (json_object_get(paused, queue) == NULL)
		return fail(r, "the reason is not UTF-8");
	return 0;
}

static int
read_pause(struct reading *r)
{
	if (r->words.count != 5 || !is(r, 3, "reason") || *word(r, 4) == '\0' ||
	    json_object_get(r->object, "paused") != NULL)
		return fail(r, "this line should be: agent pause AGENT reason TEXT, once");
	json_object_set_new(r->object, "paused", json_string(word(r, 4)));
	if (json_object_get(r->object, "paused") == NULL)
		return fail(r, "the reason is not UTF-8");
	return 0;
}

static int
read_login(struct reading *r)
{
	if (r->words.count != 3 || json_object_get(r->object, "logged_in") != NULL)
		return fail(r, "this line should be: agent login AGENT, once");
	json_object_set_new(r->object, "logged_in", json_true());
	return 0;
}

/* Commands, by their first words; `name` is the word that must be the object's name. */
static const struct {
	const char *kind, *words[3];
	size_t name;
	bool first; /* creates the object */
	int (*read)(struct reading *r);
} commands[] = {
	{"queue", {"queue", "create"}, 2, true, NULL},
	{"agent", {"agent", "add"}, 2, true, NULL},
	{"agent", {"agent", "pause"}, 2, false, read_pause},
	{"agent", {"queue", "member", "add"}, 4, false, read_member},
	{"agent", {"queue", "member", "pause"}, 4, false, read_member_pause},
	{"agent", {"agent", "login"}, 2, false, read_login},
};

static int
read_command(struct reading *r)
{
	size_t i, k;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for (k = 0; k < 3 && commands[i].words[k] != NULL && is(r, k, commands[i].words[k]);
		     k++)
			;
		if (k < 3 && commands[i].words[k] != NULL)
			continue;
		if (r->object == NULL ||
		    strcmp(export_text_at(r->object, "kind"), commands[i].kind) != 0 ||
		    !is(r, commands[i].name, export_text_at(r->object, "name")))
			return fail(r, "this is not about the %s that the comment before names",
				    commands[i].kind);
		if (commands[i].first)
			return read_options(
				r, *commands[i].kind == 'q' ? &queue_options : &agent_options, 3);
		if (!r->created)
			return fail(r, "the agent is not added yet");
		return commands[i].read(r);
	}
	return fail(r, "'%.60s' is no command of an export", word(r, 0));
}

/* "# end objects N sum X" */
static int
read_end(struct reading *r)
{
	char sum[17];

	if (check_made(r) != 0)
		return -1;
	snprintf(sum, sizeof(sum), "%016" PRIx64,
		 export_sum(r->text, (size_t)(r->line_start - r->text)));
	if (r->words.count != 6 || !is(r, 2, "objects") || !is(r, 4, "sum") || !is(r, 5, sum) ||
	    number(word(r, 3)) != (int64_t)json_array_size(r->objects))
		return fail(r, "the text is not as it was written: its sum is %s, of %zu objects",
			    sum, json_array_size(r->objects));
	r->ended = true;
	return 0;
}

static int
read_line(struct reading *r)
{
	if (r->ended)
		return fail(r, "text behind the last line");
	if (r->line == 1)
		return read_head(r);
	if (!is(r, 0, "#"))
		return read_command(r);
	if (is(r, 1, "queue") || is(r, 1, "agent"))
		return read_object(r);
	return is(r, 1, "end") ? read_end(r) : 0;
}

static int
read_all(struct reading *r, const char *text, size_t len)
{
	const char *end;
	char *line;
	int bad;

	for (r->line_start = text; r->line_start < text + len; r->line_start = end + 1) {
		r->line++;
		end = memchr(r->line_start, '\n', len - (size_t)(r->line_start - text));
		if (end == NULL)
			return fail(r, "the text is cut off");
		if (memchr(r->line_start, '\0', (size_t)(end - r->line_start)) != NULL)
			return fail(r, "a NUL byte; this is no text");
		line = mem_dup_len(r->line_start, (size_t)(end - r->line_start));
		bad = words_split(&r->words, line, r->err);
		if (bad != 0)
			fail(r, "a line with too many bytes or words");
		else if (r->words.open)
			bad = fail(r, "a quote is not closed");
		else
			bad = read_line(r);
		words_clear(&r->words);
		free(line);
		if (bad != 0)
			return -1;
	}
	return r->ended ? 0 : fail(r, "the text is cut off: it has no '# end' line");
}

json_t *
export_parse(const char *name, const char *text, size_t len, struct export_head *head,
	     struct err *err)
{
	struct reading *r = mem_zero(sizeof(*r));
	json_t *objects = json_array();

	r->name = name;
	r->text = text;
	r->head = head;
	r->objects = objects;
	r->seen = json_object();
	r->err = err;
	if (read_all(r, text, len) != 0) {
		json_decref(objects);
		objects = NULL;
	}
	json_decref(r->seen);
	free(r);
	return objects;
}
