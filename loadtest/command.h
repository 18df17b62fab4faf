/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_COMMAND_H
#define LOADTEST_COMMAND_H

#include <stddef.h>

/* One row per command of loadtest; usage, help and the manual's check read the same rows. */
struct command {
	const char *name;  /* one or two words: "run", "lab up" */
	const char *usage; /* what follows the name */
	int (*run)(int argc,
		   char **argv); /* argv[0] is the name's last word; returns the exit status */
	const char *help;
};

extern const struct command commands[];
extern const size_t command_count;

#endif
