/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_NAME_MAX 64

/* A name of a queue, agent, node or instance: [A-Za-z0-9_.-], 1 to 64 bytes. */
bool text_is_name(const char *s);

/*
 * Copies foreign bytes so that they are safe on a terminal, in a log line and in JSON:
 * control characters, broken UTF-8 and backslashes become \xNN. Cuts at `size`,
 * always ends with NUL; returns the length written.
 */
size_t text_printable(char *out, size_t size, const char *in, size_t len);

/* The same of a whole text, as long as it gets. The caller frees it. */
char *text_printable_dup(const char *in);

/*
 * A character of n bytes that a terminal takes for a command, or that shows other text than there
 * is: C0, DEL, C1, line and paragraph separators, what turns the writing direction around, and
 * spaces without width.
 */
bool text_is_control(const char *s, size_t n);

/* The code point of a valid sequence of n bytes. */
uint32_t text_code(const char *s, size_t n);

/* Length of the valid UTF-8 sequence at s (1 to 4), 0 when it is broken (overlong, surrogate, cut).
 */
size_t text_utf8_len(const char *s, size_t len);

/*
 * Of n names, the one closest to word by edit distance (at most half of word's length, or 2),
 * or NULL. names[i] is read through `name(names, i)`, so that tables of any shape serve.
 */
const char *text_nearest(const char *word, const char *(*name)(const void *table, size_t i),
			 const void *table, size_t n);

#endif
