/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_OPTION_H
#define LIB_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/err.h"

/*
 * One row per option. The same rows feed the INI reader, -n and its print-out, the control API's
 * checks, completion and the manual pages' checks; nothing else in the tree says what an option is.
 */
enum option_type {
	OPTION_INT,    /* int64_t field, [min, max], in `unit` */
	OPTION_BOOL,   /* bool field: yes/no, true/false, on/off, 1/0 */
	OPTION_STRING, /* char * field, owned by the struct; length within [min, max] */
	OPTION_ENUM,   /* int field: index into `values` */
	OPTION_REAL,   /* double field, [min, max] */
};

enum option_reload {
	OPTION_LIVE,	/* SIGHUP applies it */
	OPTION_RESTART, /* a changed value is reported by SIGHUP and waits for a restart */
};

struct option {
	const char *section; /* "node *" stands for any "[node NAME]" */
	const char *name;
	enum option_type type;
	size_t offset; /* into the struct that the rows describe */
	int64_t min, max;
	const char *def; /* as written in a file; NULL: must be given */
	const char *unit;
	const char *const *values; /* OPTION_ENUM: NULL-terminated */
	enum option_reload reload;
	bool secret; /* never printed, logged or sent */
	const char *help;
};

struct option_table {
	const struct option *rows;
	size_t count;
};

/* The row of that name in that section, or NULL. */
const struct option *option_find(const struct option_table *t, const char *section,
				 const char *name);

/* Closest name in the section, for "did you mean", or NULL. */
const char *option_nearest(const struct option_table *t, const char *section, const char *name);

/* Checks text and stores it at base + offset. On error base is untouched and err says what is
 * wrong. */
int option_set(const struct option *o, void *base, const char *text, struct err *err);

/* Writes the value as text that option_set takes again; "***" for a secret. Returns out. */
char *option_text(const struct option *o, const void *base, char *out, size_t size);

/* Applies the defaults of a section's rows (rows whose def is NULL keep zero). */
void option_defaults(const struct option_table *t, const char *section, void *base);

/* Frees the strings of a section's rows. */
void option_free(const struct option_table *t, const char *section, void *base);

/* "s, 0 to 600", "yes or no", "one of: a, b": for help, errors and manuals. Returns out. */
char *option_range(const struct option *o, char *out, size_t size);

/*
 * Reads an INI file. For each "[section]" line `section` is called once and returns the struct that
 * its options are stored in, or NULL after err_set; `done` rows are checked for missing values by
 * the caller. Errors carry "file:line: ". `given`, unless NULL, is told of each option that was
 * stored at base.
 */
struct option_file {
	const char *path;
	const struct option_table *table;
	void *(*section)(void *arg, const char *name, struct err *err);
	void *arg;
	void (*given)(void *arg, const struct option *o, void *base);
};
int option_read(const struct option_file *file, struct err *err);

#endif
