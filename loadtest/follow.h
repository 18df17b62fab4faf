/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_FOLLOW_H
#define LOADTEST_FOLLOW_H

#include <stddef.h>
#include <stdio.h>

/* Reads a growing text file line by line, each line once. A file that isn't there yet is an empty
 * one. */
struct follow {
	char *path;
	FILE *in;
	char *part; /* of a line whose end isn't written yet */
	size_t part_len;
};

typedef void follow_line(void *arg, const char *line);

void follow_open(struct follow *f, const char *path);

/* Calls `line` for each whole line that is new; returns how many. */
int follow_read(struct follow *f, follow_line *line, void *arg);

void follow_close(struct follow *f);

#endif
