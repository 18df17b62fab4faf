/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/* A typed line as words. Quotes ("..." or '...') and a backslash keep spaces together. */

#define WORDS_LINE_MAX (64 * 1024)
#define WORDS_MAX      256

struct word {
	char *text;
	size_t at, len; /* where it stands in the line, quotes included */
};

struct words {
	char *line;
	struct word word[WORDS_MAX];
	size_t count;
	bool open;  /* the line ends inside quotes */
	bool fresh; /* the line is empty or ends with a space: the next key begins a word */
};

/* On error words is empty. words_clear() in each case. */
int words_split(struct words *words, const char *line, struct err *err)
	__attribute__((warn_unused_result));

/* Words that a shell has split already; the line is put together again for messages. */
int words_take(struct words *words, int count, char *const *text, struct err *err)
	__attribute__((warn_unused_result));

void words_clear(struct words *words);

/* Drops word i, as if it had not been typed; its place in the line stays. */
void words_drop(struct words *words, size_t i);

/* Quotes a word so that words_split() gives it back; the caller frees it. */
char *words_quote(const char *text);

#endif
