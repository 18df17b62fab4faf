/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_SHELL_H
#define MQSCTL_SHELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct client;
struct grammar;

/* What became of a command; the exit status of mqsctl. */
enum shell_rc {
	SHELL_DONE = 0,
	SHELL_REFUSED = 1, /* by mqsd: it said why */
	SHELL_USAGE = 2,   /* there is no such command, or not with such words */
	SHELL_NO_MQSD = 3, /* nobody answered at the socket */
};

/* One session: a command of a shell's command line, a script on standard input, or a person. */
struct shell {
	const char *socket;
	struct client *client;
	struct grammar *grammar;
	FILE *out, *err;
	bool all_json;	  /* --json on mqsctl's command line: for each command */
	bool json;	  /* for the command that runs */
	bool interactive; /* Ctrl-C ends a command, not the shell */
	bool leave;	  /* `exit` was said */
	size_t line;	  /* number of the script's line, 0 when there is none */
};

/* Opens a session on the socket; writes to stdout and stderr. shell_close() also after an error. */
void shell_open(struct shell *shell, const char *socket);
void shell_close(struct shell *shell);

/* The same path for all three; the result is an enum shell_rc. */
int shell_run_words(struct shell *shell, int count, char *const *words);
int shell_run_line(struct shell *shell, const char *line);

/* Lines until the end or the first that fails. */
int shell_run_script(struct shell *shell, FILE *in);

/* Says what went wrong, as JSON too where that was asked for. code is the API's; hint may be NULL.
 */
void shell_fail(struct shell *shell, const char *code, const char *message, const char *hint);

/* A sentence about what was done, and the command that would undo it; silent with --json. */
void shell_say(struct shell *shell, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void shell_undo(struct shell *shell, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
