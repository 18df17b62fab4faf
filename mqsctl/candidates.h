/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_CANDIDATES_H
#define MQSCTL_CANDIDATES_H

#include <stddef.h>

/* Words that could stand at the cursor. Texts are copied in. */
struct candidate {
	char *text, *help;
};

struct candidates {
	struct candidate *list;
	size_t count;
};

void candidates_add(struct candidates *c, const char *text, const char *help);
void candidates_clear(struct candidates *c);

/* Keeps those that begin with prefix, sorted (numbers by value), each once. */
void candidates_keep(struct candidates *c, const char *prefix);

/* Length of what all of them begin with, never cutting a UTF-8 character; 0 when there are none. */
size_t candidates_common(const struct candidates *c);

#endif
