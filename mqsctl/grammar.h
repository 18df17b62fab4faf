/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_GRAMMAR_H
#define MQSCTL_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/words.h"
#include "mqsctl/command.h"
#include "mqsctl/switch.h"

struct arg_kind;
struct grammar;

/*
 * Compiles the rows, which stay the caller's. NULL with err when a row is malformed, names a kind
 * that does not exist, says the same as another one or could never be reached.
 */
struct grammar *grammar_new(const struct command *rows, size_t count, struct err *err);
void grammar_free(struct grammar *grammar);

enum match_result {
	MATCH_COMMAND,	  /* command and args are set */
	MATCH_INCOMPLETE, /* so far so good; something of choices must follow */
	MATCH_WRONG,	  /* the word at error_word can't stand there; something of choices could */
	MATCH_AMBIGUOUS,  /* the word at error_word begins each of choices */
};

/* What could stand at one place. */
struct match_choice {
	const char *word; /* NULL: a placeholder */
	const struct arg_kind
		*kind; /* of the placeholder, or of the one that follows an option word */
	bool option;   /* begins an optional part */
	const struct command *command; /* the row that ends here, or the only one that goes on */
	char next[128];		       /* else the words that can follow, for help */
	bool ends;		       /* a row ends with this word */
};

#define MATCH_CHOICES_MAX 64

struct match_arg {
	const struct arg_kind *kind;
	char *value; /* canonical: abbreviations of known values are written out */
};

struct match {
	enum match_result result;
	const struct command *command;
	struct match_arg args[WORDS_MAX];
	size_t arg_count;
	struct switches switches; /* of the whole line, also behind a wrong word */
	/* After all words, or at error_word: what can stand there, and whether the line can end
	 * there. */
	struct match_choice choices[MATCH_CHOICES_MAX];
	size_t choice_count;
	const struct command *may_end;
	size_t error_word;
	struct err err; /* a sentence, unless MATCH_COMMAND */
};

/*
 * THE matcher: run, TAB and `?` all call it, so they can't disagree. It neither prints nor acts.
 * match_clear() afterwards in each case.
 */
void match(struct match *match, const struct grammar *grammar, const struct words *words);
void match_clear(struct match *match);

/* Is it, or does it look like, a word that a secret stands behind? For lines that are no command.
 */
bool grammar_leads_to_secret(const struct grammar *grammar, const char *typed);

/* Value of the first (nth) argument of that kind; NULL when it was left out. */
const char *match_value(const struct match *match, const char *kind);
const char *match_value_at(const struct match *match, const char *kind, size_t nth);

/* The rest of the line that "<text>..." took, joined by spaces; NULL when none. The caller frees
 * it. */
char *match_text(const struct match *match, const char *kind);

#endif
