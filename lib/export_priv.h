/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_EXPORT_PRIV_H
#define LIB_EXPORT_PRIV_H

#include <stdbool.h>

#include "lib/export.h"

/* What the writer and the reader of an export agree on. */
#define EXPORT_FORMAT "1"

/* What no command says of an agent, each as a word, or a word and a number. */
struct export_fact {
	const char *word;
	bool number;
};
#define EXPORT_FACTS 5
extern const struct export_fact export_facts[EXPORT_FACTS];

/* Tells a text from a damaged one, not from a forged one. */
uint64_t export_sum(const char *text, size_t len);

/* "" when there is none. Borrowed. */
const char *export_text_at(const json_t *object, const char *key);

#endif
