/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_RENDER_H
#define LOADTEST_LAB_RENDER_H

#include <stddef.h>

#include "lib/err.h"

/*
 * Files under etc/asterisk are what an operator deploys and what the lab runs. A line that ends in
 * "; @name" is the only kind that differs: the text between "=" (or "=>") and the mark is the
 * value.
 */
struct lab_value {
	const char *name;
	const char *value; /* NULL: stays as shipped */
};

/* Copies a line with the value put in; -1 for a mark that no row names, or a line too long. */
int lab_render_line(const char *line, const struct lab_value *values, size_t count, char *out,
		    size_t size, struct err *err);

/* Renders a file (0600). */
int lab_render_file(const char *from, const char *to, const struct lab_value *values, size_t count,
		    struct err *err);

#endif
