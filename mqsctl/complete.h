/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_COMPLETE_H
#define MQSCTL_COMPLETE_H

#include <stddef.h>
#include <stdio.h>

#include "mqsctl/candidates.h"

struct client;
struct grammar;
struct match;

/* What TAB does at the end of a line (the text up to the cursor). */
struct completion {
	struct candidates candidates; /* what fits; complete_clear() frees */
	char *insert;		      /* text to add at the cursor; NULL for nothing */
};

void complete_line(struct completion *c, const struct grammar *grammar, struct client *client,
		   const char *line);
void complete_clear(struct completion *c);

/*
 * The same for a shell like bash, which has split the words: the last of them is under the cursor.
 * Prints a line a candidate, "TEXT<TAB>HELP".
 */
void complete_words(FILE *out, const struct grammar *grammar, struct client *client, int count,
		    char *const *text);

/* What `?` shows: what can stand at the end of the line, or what is wrong before it. */
void complete_help(FILE *out, const struct grammar *grammar, struct client *client,
		   const char *line, size_t width);

/* "possible here: add, list, <agent>", or NULL when that says nothing. The caller frees it. */
char *complete_sentence(const struct match *match);

#endif
