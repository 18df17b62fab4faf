/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/complete.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsctl/args.h"
#include "mqsctl/grammar.h"
#include "mqsctl/output.h"

#define HELP_NAMES_MAX 10

/* A line split at the cursor: the words before it, matched, and the one under it. */
struct cursor {
	struct words words;
	struct match match;
	char *partial;
	bool broken; /* nothing can be said about this line */
};

/* Takes the word under the cursor out of the words, and matches the others. */
static void
cursor_place(struct cursor *cursor, const struct grammar *grammar)
{
	if (cursor->words.fresh) {
		cursor->partial = mem_dup("");
	} else {
		cursor->partial = mem_dup(cursor->words.word[cursor->words.count - 1].text);
		words_drop(&cursor->words, cursor->words.count - 1);
	}
	match(&cursor->match, grammar, &cursor->words);
}

static struct cursor *
cursor_new(const struct grammar *grammar, const char *line)
{
	struct cursor *cursor = mem_zero(sizeof(*cursor));
	struct err err;

	cursor->broken = words_split(&cursor->words, line, &err) != 0 || cursor->words.open;
	if (!cursor->broken)
		cursor_place(cursor, grammar);
	return cursor;
}

static void
cursor_free(struct cursor *cursor)
{
	match_clear(&cursor->match);
	words_clear(&cursor->words);
	free(cursor->partial);
	free(cursor);
}

static bool
is_matched(const struct match *m)
{
	return m->result == MATCH_COMMAND || m->result == MATCH_INCOMPLETE;
}

/* Can the switch be typed here: not twice, and not with a command that it says nothing to? */
static bool
switch_fits(const struct match *m, size_t i)
{
	unsigned fits = switch_rows[i].fits;

	/* What can't be done again and again. */
	if (i == SWITCH_WATCH && m->may_end && m->may_end->flags & (COMMAND_EDIT | COMMAND_STREAM))
		return false;
	return !m->switches.given[i] && (!m->may_end || (m->may_end->flags & fits) == fits);
}

static const char *
word_help(const struct match_choice *choice)
{
	if (choice->option && choice->kind)
		return choice->kind->help;
	return choice->command ? choice->command->help : choice->next;
}

static void
collect(const struct cursor *cursor, struct client *client, struct candidates *out)
{
	const struct match_choice *choice;
	char *dashed;
	size_t i;

	/* Where a word begins there are enough of others. */
	for (i = 0; cursor->partial[0] == '-' && i < SWITCH_COUNT; i++)
		if (switch_fits(&cursor->match, i))
			candidates_add(out, switch_rows[i].name, switch_rows[i].help);

	for (i = 0; i < cursor->match.choice_count; i++) {
		choice = &cursor->match.choices[i];
		if (!choice->word) {
			if (choice->kind->known)
				choice->kind->known(&cursor->match, client, out);
			continue;
		}
		candidates_add(out, choice->word, word_help(choice));
		/* Who types "--fr" gets "--from". */
		if (choice->option && cursor->partial[0] == '-' && choice->word[0] != '-') {
			dashed = mem_printf("--%s", choice->word);
			candidates_add(out, dashed, word_help(choice));
			free(dashed);
		}
	}
	candidates_keep(out, cursor->partial);
}

void
complete_line(struct completion *c, const struct grammar *grammar, struct client *client,
	      const char *line)
{
	struct cursor *cursor = cursor_new(grammar, line);
	size_t common, typed;

	*c = (struct completion){.insert = NULL};
	if (!cursor->broken && is_matched(&cursor->match)) {
		collect(cursor, client, &c->candidates);
		common = candidates_common(&c->candidates);
		typed = strlen(cursor->partial);
		if (c->candidates.count == 1)
			c->insert = mem_printf("%s ", c->candidates.list[0].text + typed);
		else if (common > typed)
			c->insert = mem_dup_len(c->candidates.list[0].text + typed, common - typed);
	}
	cursor_free(cursor);
}

void
complete_words(FILE *out, const struct grammar *grammar, struct client *client, int count,
	       char *const *text)
{
	struct cursor *cursor = mem_zero(sizeof(*cursor));
	struct candidates c = {0};
	struct err err;
	size_t i;

	if (words_take(&cursor->words, count, text, &err) == 0) {
		cursor_place(cursor, grammar);
		if (is_matched(&cursor->match))
			collect(cursor, client, &c);
	}
	for (i = 0; i < c.count; i++)
		fprintf(out, "%s\t%s\n", c.list[i].text, c.list[i].help);
	candidates_clear(&c);
	cursor_free(cursor);
}

void
complete_clear(struct completion *c)
{
	candidates_clear(&c->candidates);
	free(c->insert);
	c->insert = NULL;
}

/* --- `?` ----------------------------------------------------------------------------------- */

static void
print_line(FILE *out, size_t width, const char *line)
{
	size_t size = 4 * strlen(line) + 5;
	char *clean = mem_alloc(size), *cut;

	output_printable(clean, size, line, strlen(line));
	cut = output_cut(clean, width > 3 ? width - 3 : size);
	fprintf(out, "  %s\n", cut);
	free(cut);
	free(clean);
}

static void
help_line(FILE *out, size_t width, const char *what, const char *help)
{
	char *line = mem_printf("%-18s  %s", what, help);

	print_line(out, width, line);
	free(line);
}

static void
help_word(FILE *out, size_t width, const struct match *m, const struct match_choice *choice)
{
	char *what = choice->option && choice->kind
			     ? mem_printf("%s <%s>", choice->word, choice->kind->name)
			     : mem_dup(choice->word);
	char help[512];

	if (choice->option && choice->kind)
		help_line(out, width, what, arg_help(choice->kind, m, help, sizeof(help)));
	else
		help_line(out, width, what, choice->command ? choice->command->help : choice->next);
	free(what);
}

static void
help_placeholder(FILE *out, size_t width, const struct cursor *cursor, struct client *client,
		 const struct arg_kind *kind)
{
	struct candidates c = {0};
	char *what = mem_printf("<%s>", kind->name), *more, help[512];
	size_t i;

	help_line(out, width, what, arg_help(kind, &cursor->match, help, sizeof(help)));
	free(what);
	if (kind->known)
		kind->known(&cursor->match, client, &c);
	candidates_keep(&c, cursor->partial);
	for (i = 0; i < c.count && i < HELP_NAMES_MAX; i++) {
		what = mem_printf("  %s", c.list[i].text);
		help_line(out, width, what, c.list[i].help);
		free(what);
	}
	if (c.count > HELP_NAMES_MAX) {
		more = mem_printf("  and %zu more", c.count - HELP_NAMES_MAX);
		help_line(out, width, more, "");
		free(more);
	}
	candidates_clear(&c);
}

static bool
fits(const struct match_choice *choice, const char *partial)
{
	if (choice->option && strncmp(partial, "--", 2) == 0 && choice->word[0] != '-')
		partial += 2;
	return strncmp(choice->word, partial, strlen(partial)) == 0;
}

void
complete_help(FILE *out, const struct grammar *grammar, struct client *client, const char *line,
	      size_t width)
{
	struct cursor *cursor = cursor_new(grammar, line);
	const struct match *m = &cursor->match;
	size_t i, shown = 0;

	if (cursor->broken || !is_matched(m)) {
		print_line(out, width, cursor->broken ? "inside quotes" : m->err.text);
		cursor_free(cursor);
		return;
	}
	for (i = 0; i < m->choice_count; i++) {
		if (m->choices[i].word && !fits(&m->choices[i], cursor->partial))
			continue;
		if (m->choices[i].word)
			help_word(out, width, m, &m->choices[i]);
		else
			help_placeholder(out, width, cursor, client, m->choices[i].kind);
		shown++;
	}
	for (i = 0; cursor->partial[0] == '-' && i < SWITCH_COUNT; i++)
		if (switch_fits(m, i) &&
		    strncmp(switch_rows[i].name, cursor->partial, strlen(cursor->partial)) == 0) {
			help_line(out, width, switch_rows[i].name, switch_rows[i].help);
			shown++;
		}
	if (m->may_end && !cursor->partial[0])
		help_line(out, width, "<Enter>", m->may_end->help);
	else if (shown == 0)
		print_line(out, width, "nothing that can stand here begins so");
	cursor_free(cursor);
}

static char *
say_choice(const struct match_choice *choice, const struct match *m, bool alone)
{
	char help[512];

	if (choice->word && choice->option && choice->kind)
		return mem_printf("%s <%s>", choice->word, choice->kind->name);
	if (choice->word)
		return mem_dup(choice->word);
	if (!alone)
		return mem_printf("<%s>", choice->kind->name);
	return mem_printf("<%s> (%s)", choice->kind->name,
			  arg_help(choice->kind, m, help, sizeof(help)));
}

char *
complete_sentence(const struct match *m)
{
	char *text = NULL, *longer, *choice;
	bool alone = m->choice_count == 1;
	size_t i;

	/* A value was refused, and the refusal says what it should be. */
	if (alone && m->result == MATCH_WRONG && !m->choices[0].word)
		return NULL;
	for (i = 0; i < m->choice_count; i++) {
		choice = say_choice(&m->choices[i], m, alone);
		longer = text ? mem_printf("%s, %s", text, choice)
			      : mem_printf("possible here: %s", choice);
		free(choice);
		free(text);
		text = longer;
	}
	return text;
}
