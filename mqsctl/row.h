/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_ROW_H
#define MQSCTL_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "mqsctl/command.h"

/* A command's syntax, compiled; grammar.c walks it. */

struct arg_kind;

#define ROW_GROUPS_MAX	 16
#define ROW_ELEMENTS_MAX 32

struct element {
	char *word;		     /* NULL for a placeholder */
	const struct arg_kind *kind; /* of the placeholder */
	bool rest;		     /* "<kind>...": takes the rest of the line */
	int group;		     /* index of the optional part that it belongs to, or -1 */
};

struct group {
	size_t first, last; /* elements */
	bool repeat;
};

struct row {
	const struct command *command;
	struct element element[ROW_ELEMENTS_MAX];
	size_t count;
	struct group group[ROW_GROUPS_MAX];
	int group_count;
};

int row_compile(struct row *row, const struct command *command, struct err *err)
	__attribute__((warn_unused_result));
void row_clear(struct row *row);

/* How far a line has come in a row. */
struct place {
	size_t at;
	unsigned used; /* bit per group */
	bool resting;  /* in the rest of the line */
};

/* Elements that can come next (at most ROW_GROUPS_MAX + 1); *may_end: the line can also stop here.
 */
size_t row_next(const struct row *row, const struct place *place, size_t next[], bool *may_end);

/* Moves behind an element that row_next gave. */
void row_step(const struct row *row, struct place *place, size_t element);

#endif
