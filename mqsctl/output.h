/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_OUTPUT_H
#define MQSCTL_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define OUTPUT_CELL_MAX 512

/* Writes one value of an object as printable text; "-" stands for a missing one. */
typedef void output_render(const json_t *object, const char *key, char *out, size_t size);

enum column_kind {
	COLUMN_PLAIN,
	COLUMN_RIGHT,	 /* numbers */
	COLUMN_FLEXIBLE, /* may be cut when the terminal is too narrow */
	COLUMN_HIDDEN,	 /* a value that another column tells with its own; --csv has it */
};

/* A row describes one value once; tables and single objects are shown from the same rows. */
struct column {
	const char *title;
	const char *key;
	output_render *render;
	enum column_kind kind;
};

/* A table that is filled row by row. */
struct table;
struct table *table_new(const struct column *columns, size_t count);
void table_free(struct table *table);
void table_add(struct table *table, const json_t *object);
size_t table_rows(const struct table *table);
void table_show(struct table *table, FILE *out, size_t width); /* 0: as wide as it gets */

/* Objects of an array below each other; width 0: as wide as it gets. Where cutting is not enough
 * the last columns are left out, and that is said. */
void output_table(FILE *out, size_t width, const struct column *columns, size_t count,
		  const json_t *objects);

/* One object, a line a value; values that are missing are left out. */
void output_object(FILE *out, const struct column *columns, size_t count, const json_t *object);

/* Of what output_json() writes: a member that goes, or means something else, makes it another. */
#define OUTPUT_JSON_VERSION 1

/* An object, with its version. Indented, UTF-8, no control character left as such. */
void output_json(FILE *out, const json_t *json);
void output_json_line(FILE *out, const json_t *json);

/*
 * Makes foreign text safe for a terminal: control characters and broken UTF-8 become \xNN. Unlike
 * text_printable() it leaves backslashes alone, since mqsd has escaped what it was told already.
 */
size_t output_printable(char *out, size_t size, const char *in, size_t len);

/* The same of a whole text; the caller frees it. */
char *output_printable_dup(const char *in);

/* Columns of the terminal behind out, or behind standard output when out is a text in memory; 0
 * when there is none. */
size_t output_width(FILE *out);

/* Columns that printable text takes. */
size_t output_columns(const char *text);

/* A copy of text in at most that many columns, with an ellipsis when something was lost; the caller
 * frees. */
char *output_cut(const char *text, size_t columns);

#endif
