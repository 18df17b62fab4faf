/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/secret.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "lib/words.h"
#include "mqsctl/args.h"
#include "mqsctl/grammar.h"

static bool
in_match(const struct grammar *grammar, const struct match *m, const struct words *words)
{
	size_t i;

	for (i = 0; i < m->arg_count; i++)
		if (arg_is_secret(m, i))
			return true;
	if (m->result == MATCH_COMMAND)
		return false;
	for (i = 0; i < words->count; i++)
		if (grammar_leads_to_secret(grammar, words->word[i].text))
			return true;
	for (i = 0; i < m->choice_count; i++)
		if (m->choices[i].kind && arg_kind_is_secret(m->choices[i].kind))
			return true;
	return false;
}

bool
secret_line(const struct grammar *grammar, const char *line)
{
	struct match *m = mem_alloc(sizeof(*m));
	struct words words;
	struct err err;
	bool found = true;

	if (words_split(&words, line, &err) == 0) {
		match(m, grammar, &words);
		found = in_match(grammar, m, &words);
		match_clear(m);
	}
	words_clear(&words);
	free(m);
	return found;
}
