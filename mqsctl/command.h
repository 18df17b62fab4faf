/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_COMMAND_H
#define MQSCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct shell;
struct match;

/* Runs a command that was matched; returns an enum shell_rc, which is mqsctl's exit status. */
typedef int command_run(struct shell *shell, const struct match *match);

enum command_flag {
	COMMAND_READ = 0,
	COMMAND_EDIT = 1 << 0,	 /* changes something in mqsd */
	COMMAND_STREAM = 1 << 1, /* runs until Ctrl-C */
	/* An edit that ends calls or that nothing brings back: asks first (confirm.h), unless
	 * --yes. One whose function does not is asked about in the words of its help. */
	COMMAND_DANGER = 1 << 2 | COMMAND_EDIT,
	COMMAND_TABLE = 1 << 3, /* prints with api_list(), so --csv can be had */
};

/*
 * One row per command, and nothing about a command anywhere else. Syntax:
 *   word        must be typed; any unique beginning will do
 *   <kind>      a row of args.c; "<kind>..." takes the rest of the line
 *   [ ... ]     may be left out; neighbours may come in any order, each once, "[ ... ]..." many
 * times. The word that begins it may also be typed with "--" in front.
 */
struct command {
	const char *syntax;
	command_run *run;
	unsigned flags;
	const char *help;
};

static inline bool
command_asks(const struct command *command)
{
	return (command->flags & COMMAND_DANGER) == COMMAND_DANGER;
}

extern const struct command commands[];
extern const size_t command_count;

#endif
