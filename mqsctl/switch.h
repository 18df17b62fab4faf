/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_SWITCH_H
#define MQSCTL_SWITCH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/*
 * Words that may stand anywhere in a command, and on mqsctl's command line, where they are meant
 * for each command. They say how a command is run and belong to no row of commands.c. The walker,
 * completion, mqsctl's own options and the usage are made from these rows.
 */
enum switch_id {
	SWITCH_JSON,
	SWITCH_CSV,
	SWITCH_YES,
	SWITCH_DRY_RUN,
	SWITCH_WATCH,
	SWITCH_COUNT,
};

struct switch_row {
	const char *name; /* "--json" */
	int letter;	  /* the same as "-j" on mqsctl's command line; 0: none */
	unsigned fits;	  /* of the commands that it has a meaning for; 0: all */
	const char *help;
	const char *value; /* kind of the word that follows, a row of args.c; NULL: none does */
};

extern const struct switch_row switch_rows[SWITCH_COUNT];

struct switches {
	bool given[SWITCH_COUNT];
	int watch_s; /* of --watch */
};

/* Notes a switch, with its value if it has one; -1 with err when that is none. */
int switch_take(struct switches *switches, enum switch_id id, const char *value, struct err *err);

/* The switch that the word spells in full, or SWITCH_COUNT. */
enum switch_id switch_find(const char *word);

#endif
