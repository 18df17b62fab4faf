/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_WITNESS_ERRORS_H
#define LOADTEST_WITNESS_ERRORS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "loadtest/evidence.h"
#include "loadtest/witness_sipp.h"

/*
 * Reads a SIPp's error file as it grows, each entry once. SIPp writes no line ends between entries,
 * and whole messages into them, so an entry is over when the next begins. One longer than
 * WITNESS_ERRORS_MAX is cut. A file that isn't there yet is an empty one.
 */
#define WITNESS_ERRORS_MAX 16384

struct witness_errors {
	char *path;
	enum sipp_role role;
	FILE *in;
	int64_t at; /* of the entry in `text`; 0: none */
	char *text;
	size_t len;
	/*
	 * What the file need not keep: SIPp answers each keep-alive within a call by itself (-aa)
	 * and writes a line of it, a gigabyte in ten hours. Where only such lines stand the file
	 * gets holes, once they are read, WITNESS_ERRORS_HOLE at a time.
	 */
	bool holes;
	off_t idle_from, entry_from; /* where such lines begin; where the entry in `text` does */
};
#define WITNESS_ERRORS_HOLE (1 << 20)

void witness_errors_open(struct witness_errors *w, const char *path, enum sipp_role role);

/* Takes the entries that are over; returns how many. `holes` may be set before. */
int witness_errors_read(struct witness_errors *w, struct evidence *e);

/* No more will be written: takes the last entry, too. */
void witness_errors_close(struct witness_errors *w, struct evidence *e);

#endif
