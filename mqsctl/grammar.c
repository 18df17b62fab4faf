/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/grammar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "mqsctl/args.h"
#include "mqsctl/row.h"

/*
 * All rows are walked at once: each word leaves alive those rows in which it can stand. At a word,
 * the full spelling of a word of the syntax beats a unique beginning of one, which beats a
 * placeholder. grammar_new() refuses tables in which two placeholders of different kinds meet at
 * one place, so the rows alive agree on what each word was and one list of arguments serves them
 * all.
 */

struct grammar {
	struct row *row;
	size_t count;
};

struct walk {
	const struct grammar *grammar;
	struct place *place;
	bool *alive;
};

/* One element that can come next, and the row that it is in. */
struct turn {
	size_t row, element;
};

struct turns {
	struct turn *turn;
	size_t count;
	const struct command *may_end;
	size_t enders; /* rows that can end here */
};

static void
walk_begin(struct walk *walk, const struct grammar *grammar)
{
	size_t i;

	walk->grammar = grammar;
	walk->place = mem_zero(grammar->count * sizeof(walk->place[0]));
	walk->alive = mem_alloc(grammar->count * sizeof(walk->alive[0]));
	for (i = 0; i < grammar->count; i++)
		walk->alive[i] = true;
}

static void
walk_end(struct walk *walk)
{
	free(walk->place);
	free(walk->alive);
}

static const struct element *
turn_element(const struct walk *walk, const struct turn *turn)
{
	return &walk->grammar->row[turn->row].element[turn->element];
}

static bool
begins_option(const struct walk *walk, const struct turn *turn)
{
	const struct row *row = &walk->grammar->row[turn->row];
	int group = row->element[turn->element].group;

	return group >= 0 && row->group[group].first == turn->element;
}

static struct turns
walk_turns(const struct walk *walk)
{
	struct turns turns = {.turn = NULL};
	size_t next[ROW_GROUPS_MAX + 1], n, i, k;
	bool may_end;

	for (i = 0; i < walk->grammar->count; i++) {
		if (!walk->alive[i])
			continue;
		n = row_next(&walk->grammar->row[i], &walk->place[i], next, &may_end);
		if (may_end) {
			turns.may_end = walk->grammar->row[i].command;
			turns.enders++;
		}
		if (n == 0)
			continue;
		turns.turn = mem_grow(turns.turn, turns.count + n, sizeof(turns.turn[0]));
		for (k = 0; k < n; k++)
			turns.turn[turns.count++] = (struct turn){i, next[k]};
	}
	return turns;
}

/* Takes the chosen turns; rows without one die. */
static void
walk_take(struct walk *walk, const struct turns *turns, const bool chosen[])
{
	size_t i;

	memset(walk->alive, 0, walk->grammar->count * sizeof(walk->alive[0]));
	for (i = 0; i < turns->count; i++) {
		if (!chosen[i] || walk->alive[turns->turn[i].row])
			continue;
		walk->alive[turns->turn[i].row] = true;
		row_step(&walk->grammar->row[turns->turn[i].row], &walk->place[turns->turn[i].row],
			 turns->turn[i].element);
	}
}

/* --- choices: what help and completion show ------------------------------------------------ */

static struct match_choice *
find_choice(struct match *m, const struct element *e)
{
	size_t i;

	for (i = 0; i < m->choice_count; i++)
		if (e->word ? m->choices[i].word && strcmp(m->choices[i].word, e->word) == 0
			    : !m->choices[i].word && m->choices[i].kind == e->kind)
			return &m->choices[i];
	return NULL;
}

static void
add_next(struct match_choice *choice, const char *word)
{
	size_t len = strlen(choice->next), have = strlen(word);
	const char *s = choice->next;

	for (; (s = strstr(s, word)); s += have)
		if ((s == choice->next || s[-1] == ' ') && (!s[have] || s[have] == ','))
			return;
	snprintf(choice->next + len, sizeof(choice->next) - len, "%s%s", len ? ", " : "", word);
}

static void
add_choice(struct match *m, const struct walk *walk, const struct turn *turn)
{
	const struct row *row = &walk->grammar->row[turn->row];
	const struct element *e = &row->element[turn->element];
	const struct element *after = turn->element + 1 < row->count ? e + 1 : NULL;
	struct match_choice *choice = find_choice(m, e);

	if (choice) {
		if (!after)
			choice->command = row->command;
		else if (!choice->ends)
			choice->command = NULL;
		choice->ends = choice->ends || !after;
	} else {
		if (m->choice_count == MATCH_CHOICES_MAX)
			return;
		choice = &m->choices[m->choice_count++];
		*choice = (struct match_choice){.word = e->word,
						.kind = e->kind,
						.option = begins_option(walk, turn),
						.command = row->command,
						.ends = !after};
		if (e->word && after)
			choice->kind = after->kind;
	}
	if (e->word && after && after->word)
		add_next(choice, after->word);
}

static void
add_choices(struct match *m, const struct walk *walk, const struct turns *turns)
{
	size_t i;

	m->choice_count = 0;
	m->may_end = turns->may_end;
	for (i = 0; i < turns->count; i++)
		add_choice(m, walk, &turns->turn[i]);
}

/* --- one word ------------------------------------------------------------------------------ */

/* "from" as typed, or "--from" where the word begins an optional part. */
static bool
spells(const struct walk *walk, const struct turn *turn, const char *typed, bool whole)
{
	const char *word = turn_element(walk, turn)->word;

	if (!word || !*typed)
		return false;
	if (begins_option(walk, turn) && strncmp(typed, "--", 2) == 0 &&
	    strncmp(word, "--", 2) != 0)
		typed += 2;
	return whole ? strcmp(word, typed) == 0 : strncmp(word, typed, strlen(typed)) == 0;
}

/* Marks the turns that the word spells; returns how many different words those are. */
static size_t
choose_words(const struct walk *walk, const struct turns *turns, const char *typed, bool whole,
	     bool chosen[])
{
	const char *word, *first = NULL;
	size_t i, different = 0;

	for (i = 0; i < turns->count; i++) {
		chosen[i] = spells(walk, &turns->turn[i], typed, whole);
		word = turn_element(walk, &turns->turn[i])->word;
		if (!chosen[i] || (first && strcmp(first, word) == 0))
			continue;
		first = word;
		different++;
	}
	return different;
}

static const struct arg_kind *
choose_placeholders(const struct walk *walk, const struct turns *turns, bool chosen[])
{
	const struct arg_kind *kind = NULL;
	size_t i;

	for (i = 0; i < turns->count; i++) {
		chosen[i] = !turn_element(walk, &turns->turn[i])->word;
		if (chosen[i])
			kind = turn_element(walk, &turns->turn[i])->kind;
	}
	return kind;
}

static const char *
choice_name(const void *table, size_t i)
{
	const struct match *m = table;

	return m->choices[i].word ? m->choices[i].word : "";
}

static void
set_wrong(struct match *m, const char *typed)
{
	const char *near = text_nearest(typed, choice_name, m, m->choice_count);

	m->result = MATCH_WRONG;
	if (near && *near)
		err_set(&m->err, "\"%s\" can't stand here; did you mean \"%s\"?", typed, near);
	else if (m->choice_count == 0)
		err_set(&m->err, "the command is complete before \"%s\"", typed);
	else
		err_set(&m->err, "\"%s\" can't stand here", typed);
}

static void
set_ambiguous(struct match *m, const struct walk *walk, const struct turns *turns,
	      const bool chosen[], const char *typed)
{
	size_t i, len;

	m->result = MATCH_AMBIGUOUS;
	m->choice_count = 0;
	for (i = 0; i < turns->count; i++)
		if (chosen[i])
			add_choice(m, walk, &turns->turn[i]);
	err_set(&m->err, "\"%s\" could be", typed);
	for (i = 0; i < m->choice_count; i++) {
		len = strlen(m->err.text);
		snprintf(m->err.text + len, sizeof(m->err.text) - len, "%s %s", i ? " or" : "",
			 m->choices[i].word);
	}
}

/* Binds a word to the one kind that can stand here. Returns false when its check refuses. */
static bool
bind(struct match *m, const struct arg_kind *kind, const char *typed)
{
	char *value = kind->check(m, typed, &m->err);

	if (!value) {
		m->result = MATCH_WRONG;
		return false;
	}
	m->args[m->arg_count++] = (struct match_arg){kind, value};
	return true;
}

/* Returns false when the word ends the walk; m then says why. */
static bool
match_word(struct match *m, struct walk *walk, const struct turns *turns, const char *typed)
{
	bool *chosen = mem_zero((turns->count + 1) * sizeof(chosen[0]));
	const struct arg_kind *kind;
	size_t found = choose_words(walk, turns, typed, true, chosen);
	bool ok = true;

	if (found == 0)
		found = choose_words(walk, turns, typed, false, chosen);
	if (found > 1) {
		set_ambiguous(m, walk, turns, chosen, typed);
		ok = false;
	} else if (found == 0) {
		kind = choose_placeholders(walk, turns, chosen);
		if (!kind)
			set_wrong(m, typed);
		ok = kind && bind(m, kind, typed);
	}
	if (ok)
		walk_take(walk, turns, chosen);
	free(chosen);
	return ok;
}

static void
set_end(struct match *m, const struct words *words)
{
	if (m->may_end) {
		m->result = MATCH_COMMAND;
		m->command = m->may_end;
		return;
	}
	m->result = MATCH_INCOMPLETE;
	m->error_word = words->count;
	err_set(&m->err, words->count ? "a word is missing here" : "no command");
}

/* The value of a switch is missing, or none; err says which. */
static void
set_switch_wrong(struct match *m, const char *kind, size_t at, bool missing)
{
	m->result = missing ? MATCH_INCOMPLETE : MATCH_WRONG;
	m->error_word = at;
	m->choice_count = 1;
	m->choices[0] = (struct match_choice){.kind = arg_kind_find(kind, strlen(kind))};
}

/* Marks the words that are switches, or values of one; false when m says what is wrong. */
static bool
take_switches(struct match *m, const struct words *words, bool taken[])
{
	const char *value;
	enum switch_id id;
	size_t i;
	bool ok = true;

	m->switches = (struct switches){.watch_s = 0};
	memset(taken, 0, words->count * sizeof(taken[0]));
	for (i = 0; i < words->count; i++) {
		id = switch_find(words->word[i].text);
		if (id == SWITCH_COUNT)
			continue;
		taken[i] = true;
		value = NULL;
		if (switch_rows[id].value) {
			if (++i == words->count) {
				err_set(&m->err, "a word is missing here");
				set_switch_wrong(m, switch_rows[id].value, i, true);
				return false;
			}
			taken[i] = true;
			value = words->word[i].text;
		}
		/* The others hold, also for how this is told. */
		if (switch_take(&m->switches, id, value, &m->err) != 0) {
			set_switch_wrong(m, switch_rows[id].value, i, false);
			ok = false;
		}
	}
	return ok;
}

void
match(struct match *m, const struct grammar *grammar, const struct words *words)
{
	struct walk walk;
	struct turns turns;
	bool ok = true, taken[WORDS_MAX];
	size_t i;

	/* Not all of it: the arrays are large and their counts say what is set. */
	m->command = m->may_end = NULL;
	m->arg_count = m->choice_count = m->error_word = 0;
	m->err.text[0] = '\0';
	if (!take_switches(m, words, taken))
		return;
	walk_begin(&walk, grammar);
	for (i = 0; ok; i++) {
		if (i < words->count && taken[i])
			continue;
		turns = walk_turns(&walk);
		add_choices(m, &walk, &turns);
		if (i == words->count)
			set_end(m, words);
		ok = i < words->count && match_word(m, &walk, &turns, words->word[i].text);
		if (!ok && i < words->count)
			m->error_word = i;
		free(turns.turn);
	}
	walk_end(&walk);
}

void
match_clear(struct match *m)
{
	size_t i;

	for (i = 0; i < m->arg_count; i++)
		free(m->args[i].value);
	m->arg_count = 0;
}

const char *
match_value_at(const struct match *m, const char *kind, size_t nth)
{
	size_t i;

	for (i = 0; i < m->arg_count; i++)
		if (strcmp(m->args[i].kind->name, kind) == 0 && nth-- == 0)
			return m->args[i].value;
	return NULL;
}

const char *
match_value(const struct match *m, const char *kind)
{
	return match_value_at(m, kind, 0);
}

char *
match_text(const struct match *m, const char *kind)
{
	const char *word;
	char *text = NULL, *longer;
	size_t i;

	for (i = 0; (word = match_value_at(m, kind, i)); i++) {
		longer = text ? mem_printf("%s %s", text, word) : mem_dup(word);
		free(text);
		text = longer;
	}
	return text;
}

static const char *
one_word(const void *table, size_t i)
{
	(void)i;
	return table;
}

bool
grammar_leads_to_secret(const struct grammar *grammar, const char *typed)
{
	const struct element *e;
	const char *word;
	size_t row, i;

	for (row = 0; row < grammar->count; row++) {
		word = NULL;
		for (i = 0; i < grammar->row[row].count; i++) {
			e = &grammar->row[row].element[i];
			if (e->word)
				word = e->word;
			else if (word && arg_kind_is_secret(e->kind) &&
				 (strncmp(word, typed, strlen(typed)) == 0 ||
				  text_nearest(typed, one_word, word, 1)))
				return true;
		}
	}
	return false;
}

/* --- the table's own faults ---------------------------------------------------------------- */

/* Walks one way through a row, element for element, and returns how many rows end there. */
static int
try_path(const struct grammar *grammar, const size_t path[], size_t count, const struct row *of,
	 struct err *err)
{
	struct walk walk;
	struct turns turns;
	const struct element *e, *other;
	bool *chosen;
	size_t i, k;
	int rc = 0;

	walk_begin(&walk, grammar);
	for (i = 0; i < count && rc == 0; i++) {
		e = &of->element[path[i]];
		turns = walk_turns(&walk);
		chosen = mem_zero((turns.count + 1) * sizeof(chosen[0]));
		for (k = 0; k < turns.count; k++) {
			other = turn_element(&walk, &turns.turn[k]);
			chosen[k] = e->word ? other->word && strcmp(e->word, other->word) == 0
					    : other->kind == e->kind;
			if (!e->word && !other->word && other->kind != e->kind)
				rc = err_set(err, "\"%s\" and \"%s\": <%s> and <%s> meet",
					     of->command->syntax,
					     grammar->row[turns.turn[k].row].command->syntax,
					     e->kind->name, other->kind->name);
		}
		walk_take(&walk, &turns, chosen);
		free(chosen);
		free(turns.turn);
	}
	turns = walk_turns(&walk);
	if (rc == 0 && turns.enders != 1)
		rc = err_set(err, "\"%s\": %zu rows say this", of->command->syntax, turns.enders);
	free(turns.turn);
	walk_end(&walk);
	return rc;
}

/* The shortest way through each row, and the one through all its optional parts. */
static int
check_rows(const struct grammar *grammar, struct err *err)
{
	size_t all[ROW_ELEMENTS_MAX], least[ROW_ELEMENTS_MAX], i, k, n;
	const struct row *row;

	for (i = 0; i < grammar->count; i++) {
		row = &grammar->row[i];
		for (k = n = 0; k < row->count; k++) {
			all[k] = k;
			if (row->element[k].group < 0)
				least[n++] = k;
		}
		if (try_path(grammar, least, n, row, err) != 0 ||
		    try_path(grammar, all, row->count, row, err) != 0)
			return -1;
	}
	return 0;
}

struct grammar *
grammar_new(const struct command *rows, size_t count, struct err *err)
{
	struct grammar *grammar = mem_zero(sizeof(*grammar));
	size_t i;

	grammar->row = mem_zero(count * sizeof(grammar->row[0]));
	grammar->count = count;
	for (i = 0; i < count; i++)
		if (row_compile(&grammar->row[i], &rows[i], err) != 0)
			goto fail;
	if (check_rows(grammar, err) == 0)
		return grammar;
fail:
	grammar_free(grammar);
	return NULL;
}

void
grammar_free(struct grammar *grammar)
{
	size_t i;

	if (!grammar)
		return;
	for (i = 0; i < grammar->count; i++)
		row_clear(&grammar->row[i]);
	free(grammar->row);
	free(grammar);
}
