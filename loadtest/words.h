/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_WORDS_H
#define LOADTEST_WORDS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Texts that are kept once: a word is a text's number, 32 bits, and 0 none. Words of one kind are
 * equal when their texts are. A text stays where it is until words_free().
 *
 * A word carries numbers of the records that it names, so that finding a record by its text is one
 * look into one hash.
 */
enum word_kind {
	WORD_TEXT,   /* names of agents, nodes; reasons; no record */
	WORD_CALLER, /* a caller's Call-ID: its caller, and what mqsd told of it */
	WORD_LEG,    /* a leg's Call-ID: its leg */
	WORD_CALL,   /* mqsd's id of a call: what it told of it */
};

enum word_value { WORD_RECORD, WORD_TOLD, WORD_VALUES };

#define WORDS_TEXT_MAX 4096 /* bytes with the NUL; longer texts are cut */

struct words {
	char **chunks;
	size_t chunk_count, used; /* used: bytes of the last chunk */
	uint32_t *slots;	  /* words; 0: free */
	size_t cap, count;
};

/* The word of a text, made when it is new; 0 for NULL and "". */
uint32_t words_add(struct words *w, enum word_kind kind, const char *text);

/* 0 when nobody has added it. */
uint32_t words_find(const struct words *w, enum word_kind kind, const char *text);

/* Keeps a text of which each is another: it is neither looked for nor found. */
uint32_t words_keep(struct words *w, const char *text);

/* NULL for 0. */
const char *words_text(const struct words *w, uint32_t word);

/* The number of a record; (size_t)-1: none, and none for word 0. CALLER has both values, LEG and
 * CALL have WORD_RECORD, TEXT has none. */
size_t words_value(const struct words *w, uint32_t word, enum word_value which);
void words_set(struct words *w, uint32_t word, enum word_value which, size_t record);

/* Bytes in use. */
size_t words_size(const struct words *w);
void words_free(struct words *w);

#endif
