/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/words.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/shell.h"

/* Reads one line of at most WORDS_LINE_MAX bytes and a bit, so that an endless one can't fill
 * memory. */
static bool
read_line(FILE *in, char *line, size_t size)
{
	size_t len = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n')
		if (len + 1 < size)
			line[len++] = (char)(c ? c : ' ');
	line[len] = '\0';
	return c != EOF || len > 0;
}

/* Not from within a line: it is not the line's fault. */
static int
unreadable(struct shell *shell, const char *path, const char *why, const char *hint)
{
	char *message = mem_printf("cannot read %s: %s", path, why);

	shell_begin(shell);
	shell_fail(shell, "script", message, hint);
	free(message);
	return SHELL_USAGE;
}

int
script_run(struct shell *shell, FILE *in, const char *name, bool keep_going)
{
	char *line = mem_alloc(WORDS_LINE_MAX + 2);
	int rc, worst = SHELL_DONE;

	shell->script = (struct shell_script){.name = name};
	while ((keep_going || worst == SHELL_DONE) && !shell->leave && !interrupt_seen() &&
	       read_line(in, line, WORDS_LINE_MAX + 2)) {
		shell->script.line++;
		rc = shell_run_line(shell, line);
		if (rc != SHELL_DONE)
			shell->script.failed++;
		if (rc > worst)
			worst = rc;
	}
	shell->script.line = 0;
	free(line);
	if (ferror(in))
		return unreadable(shell, name ? name : "the standard input", strerror(errno), NULL);
	return worst;
}

int
script_file(struct shell *shell, const char *path, bool keep_going)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	int rc;

	if (!in)
		return unreadable(shell, path, strerror(errno), NULL);
	rc = script_run(shell, in, standard ? NULL : path, keep_going);
	if (!standard)
		fclose(in);
	if (keep_going)
		fprintf(shell->err, "%zu commands, %zu failed\n", shell->script.commands,
			shell->script.failed);
	return rc;
}

static bool
is_own(FILE *in)
{
	struct stat about;

	return fstat(fileno(in), &about) == 0 && (about.st_uid == geteuid() || about.st_uid == 0) &&
	       !(about.st_mode & (S_IWGRP | S_IWOTH));
}

void
script_rc(struct shell *shell)
{
	const char *env = getenv("MQSCTL_RC"), *home = getenv("HOME");
	const char *name = env ? env : "~/.mqsctlrc";
	char *path = env ? mem_dup(env) : mem_printf("%s/.mqsctlrc", home ? home : "");
	FILE *in = *path ? fopen(path, "re") : NULL;

	if (in && is_own(in))
		script_run(shell, in, name, true);
	else if (in)
		unreadable(shell, name, "others can write it", "chmod go-w, or chown it.");
	else if (*path && (env || errno != ENOENT))
		unreadable(shell, name, strerror(errno), NULL);
	if (in)
		fclose(in);
	free(path);
	interrupt_clear();
}
