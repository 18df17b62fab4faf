/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/*
 * A word is the place of its text in the chunks: chunk number x CHUNK + offset. In front of the
 * text stand its kind (a byte) and its values, the first next to it.
 */
#define CHUNK	   65536
#define CHUNKS_MAX 65535 /* 4 GiB; a text beyond is no text */
#define FIRST_CAP  256
#define NO_RECORD  UINT32_MAX

static const unsigned char values_of[] = {
	[WORD_TEXT] = 0, [WORD_CALLER] = WORD_VALUES, [WORD_LEG] = 1, [WORD_CALL] = 1};

static char *
place(const struct words *w, uint32_t word)
{
	return w->chunks[word / CHUNK] + word % CHUNK;
}

static enum word_kind
kind_of(const struct words *w, uint32_t word)
{
	return (enum word_kind)place(w, word)[-1];
}

/* FNV-1a, mixed once more: the slot is taken from the high bits. */
static uint64_t
hash(enum word_kind kind, const char *text, size_t len)
{
	uint64_t h = (14695981039346656037u ^ kind) * 1099511628211u;

	while (len-- > 0)
		h = (h ^ (unsigned char)*text++) * 1099511628211u;
	return (h ^ h >> 32) * 11400714819323198485u;
}

static size_t
length(const char *text)
{
	return strnlen(text, WORDS_TEXT_MAX - 1);
}

static uint32_t *
slot_of(const struct words *w, enum word_kind kind, const char *text, size_t len)
{
	size_t i = (size_t)((unsigned __int128)hash(kind, text, len) * w->cap >> 64);
	const char *known;

	for (; w->slots[i] != 0; i = i + 1 < w->cap ? i + 1 : 0) {
		known = place(w, w->slots[i]);
		if (known[-1] == (char)kind && strncmp(known, text, len) == 0 && known[len] == '\0')
			break;
	}
	return &w->slots[i];
}

static void
grow(struct words *w)
{
	uint32_t *old = w->slots;
	size_t i, cap = w->cap;

	/* By a quarter, so that few slots are free. */
	w->cap = cap != 0 ? cap + cap / 4 : FIRST_CAP;
	w->slots = mem_zero(w->cap * sizeof(*w->slots));
	for (i = 0; i < cap; i++)
		if (old[i] != 0)
			*slot_of(w, kind_of(w, old[i]), place(w, old[i]),
				 strlen(place(w, old[i]))) = old[i];
	free(old);
}

/* Room for a text of that length with what stands before it. */
static uint32_t
store(struct words *w, enum word_kind kind, const char *text, size_t len)
{
	size_t head = values_of[kind] * sizeof(uint32_t) + 1;
	char *at;

	if (w->chunk_count == 0 || w->used + head + len + 1 > CHUNK) {
		if (w->chunk_count == CHUNKS_MAX)
			return 0;
		w->chunks = mem_grow(w->chunks, w->chunk_count + 1, sizeof(*w->chunks));
		w->chunks[w->chunk_count++] = mem_alloc(CHUNK);
		w->used = 0;
	}
	at = w->chunks[w->chunk_count - 1] + w->used;
	memset(at, 0xff, head - 1); /* NO_RECORD */
	at += head;
	at[-1] = (char)kind;
	memcpy(at, text, len);
	at[len] = '\0';
	w->used += head + len + 1;
	return (uint32_t)((w->chunk_count - 1) * CHUNK + w->used - len - 1);
}

uint32_t
words_add(struct words *w, enum word_kind kind, const char *text)
{
	size_t len;
	uint32_t *slot;

	if (text == NULL || *text == '\0')
		return 0;
	if (4 * (w->count + 1) > 3 * w->cap)
		grow(w);
	len = length(text);
	slot = slot_of(w, kind, text, len);
	if (*slot == 0) {
		*slot = store(w, kind, text, len);
		w->count += *slot != 0;
	}
	return *slot;
}

uint32_t
words_find(const struct words *w, enum word_kind kind, const char *text)
{
	return text == NULL || *text == '\0' || w->cap == 0 ? 0
							    : *slot_of(w, kind, text, length(text));
}

uint32_t
words_keep(struct words *w, const char *text)
{
	return text == NULL || *text == '\0' ? 0 : store(w, WORD_TEXT, text, length(text));
}

const char *
words_text(const struct words *w, uint32_t word)
{
	return word != 0 ? place(w, word) : NULL;
}

static char *
value_at(const struct words *w, uint32_t word, enum word_value which)
{
	if (word == 0 || which >= values_of[kind_of(w, word)])
		return NULL;
	return place(w, word) - 1 - (which + 1) * sizeof(uint32_t);
}

size_t
words_value(const struct words *w, uint32_t word, enum word_value which)
{
	const char *at = value_at(w, word, which);
	uint32_t record = NO_RECORD;

	if (at != NULL)
		memcpy(&record, at, sizeof(record));
	return record != NO_RECORD ? record : (size_t)-1;
}

void
words_set(struct words *w, uint32_t word, enum word_value which, size_t record)
{
	char *at = value_at(w, word, which);
	uint32_t value = (uint32_t)record;

	if (at != NULL)
		memcpy(at, &value, sizeof(value));
}

size_t
words_size(const struct words *w)
{
	return w->chunk_count * (CHUNK + sizeof(*w->chunks)) + w->cap * sizeof(*w->slots);
}

void
words_free(struct words *w)
{
	size_t i;

	for (i = 0; i < w->chunk_count; i++)
		free(w->chunks[i]);
	free(w->chunks);
	free(w->slots);
	*w = (struct words){0};
}
