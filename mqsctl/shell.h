/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_SHELL_H
#define MQSCTL_SHELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "mqsctl/switch.h"

struct client;
struct command;
struct grammar;

/* What became of a command; the exit status of mqsctl. */
enum shell_rc {
	SHELL_DONE = 0,
	SHELL_REFUSED = 1, /* by mqsd: it said why */
	SHELL_USAGE = 2,   /* there is no such command, or not with such words */
	SHELL_NO_MQSD = 3, /* nobody answered at the socket */

	SHELL_DRY =
		-1, /* between api_edit() and the shell: --dry-run ends the command here, done */
};

/* Where commands come from that nobody types; line is 0 outside of it. */
struct shell_script {
	const char *name; /* NULL: standard input */
	size_t line, commands, failed;
};

/* One session: a command of a shell's command line, a script on standard input, or a person. */
struct shell {
	const char *where; /* path of the socket, or https://... */
	struct client *client;
	struct grammar *grammar;
	FILE *out, *err;
	struct switches all;	       /* of mqsctl's command line: for each command */
	struct switches now;	       /* for the command that runs */
	bool json;		       /* is --json among them? */
	const struct command *command; /* that one */
	size_t round;		       /* of --watch: how often it has been done */
	char *touches;		       /* what confirm() said of it; NULL: nothing yet */
	bool interactive;	       /* Ctrl-C ends a command, not the shell */
	int unwritten;		       /* errno of the first write to out that failed; 0: none */
	bool leave;		       /* `exit` was said */
	struct shell_script script;
};

/* Opens a session with a client (stolen) of what is at that socket or URL; writes to stdout and
 * stderr. shell_close() also after an error. */
void shell_open(struct shell *shell, struct client *client, const char *where);
void shell_close(struct shell *shell);

/* At the end: what could not be written is told, and makes a success none. */
int shell_end(struct shell *shell, int rc);

/* The same path for all three; the result is an enum shell_rc. */
int shell_run_words(struct shell *shell, int count, char *const *words);
int shell_run_line(struct shell *shell, const char *line);

/* Before something is told that belongs to no command: what was meant for one holds no more. */
void shell_begin(struct shell *shell);

/* Says what went wrong, as JSON too where that was asked for. code is the API's; hint may be NULL.
 */
void shell_fail(struct shell *shell, const char *code, const char *message, const char *hint);

/* A sentence about what was done; silent with --json. */
void shell_say(struct shell *shell, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
