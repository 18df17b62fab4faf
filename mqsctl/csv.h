/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_CSV_H
#define MQSCTL_CSV_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct column;

/*
 * The objects of an array as RFC 4180 has it, a line each behind one of the columns' keys. Values
 * are the API's, not what a table makes of them: times in ms, true and false, nothing for null. The
 * items of an array are joined by spaces; control characters are shown as in a table.
 */
void csv_write(FILE *out, bool header, const struct column *columns, size_t count,
	       const json_t *objects);

#endif
