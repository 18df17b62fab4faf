/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a line typed at mqsctl: its words are what they are when they are quoted again, and
 * the matcher that run, TAB and `?` share says one of its four things of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsctl/grammar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
quote_again(const struct words *words)
{
	struct words again;
	struct err err;
	char *line = mem_dup(""), *quoted, *longer;
	size_t i;

	for (i = 0; i < words->count; i++) {
		quoted = words_quote(words->word[i].text);
		longer = mem_printf("%s%s ", line, quoted);
		free(quoted);
		free(line);
		line = longer;
	}
	if (strlen(line) <= WORDS_LINE_MAX) {
		if (words_split(&again, line, &err) != 0 || again.count != words->count)
			abort();
		for (i = 0; i < words->count; i++)
			if (strcmp(again.word[i].text, words->word[i].text) != 0)
				abort();
		words_clear(&again);
	}
	free(line);
}

static void
look_at(const struct match *m, const struct words *words)
{
	if ((m->result == MATCH_COMMAND) != (m->command != NULL) ||
	    (m->command == NULL && m->err.text[0] == '\0'))
		abort();
	if (m->result == MATCH_WRONG && m->error_word > words->count)
		abort();
	if (m->result == MATCH_AMBIGUOUS && (m->error_word >= words->count || m->choice_count < 2))
		abort();
	if (m->choice_count > MATCH_CHOICES_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct grammar *grammar; /* of all inputs: rows take long to compile */
	static struct words words;
	static struct match m;
	struct err err = {""};
	char *line = mem_dup_len((const char *)data, size);

	if (grammar == NULL)
		grammar = grammar_new(commands, command_count, &err);
	if (grammar == NULL)
		abort();
	if (words_split(&words, line, &err) == 0) {
		quote_again(&words);
		match(&m, grammar, &words);
		look_at(&m, &words);
		match_clear(&m);
	} else if (words.count != 0 || err.text[0] == '\0') {
		abort();
	}
	words_clear(&words);
	free(line);
	return 0;
}
