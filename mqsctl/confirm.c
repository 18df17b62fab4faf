/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/confirm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/output.h"
#include "mqsctl/shell.h"

bool
confirm_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* A line of the terminal; anything but y or yes is a no, Ctrl-C and Ctrl-D are. */
static bool
answered_yes(FILE *to)
{
	char answer[8] = "", c;
	size_t len = 0;
	ssize_t n = 0;

	while (interrupt_poll(STDIN_FILENO, -1) && (n = read(STDIN_FILENO, &c, 1)) == 1 &&
	       c != '\n') {
		if (len + 1 < sizeof(answer))
			answer[len++] = c;
		n = 0;
	}
	if (n != 1)
		fputc('\n', to);
	return n == 1 && (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0);
}

int
confirm(struct shell *shell, const char *fmt, ...)
{
	char *text, *clean;
	bool yes;
	va_list ap;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	clean = output_printable_dup(text);
	free(text);
	free(shell->touches);
	shell->touches = clean;
	if (shell->now.given[SWITCH_YES] || shell->now.given[SWITCH_DRY_RUN])
		return SHELL_DONE;
	fflush(shell->out);
	fprintf(shell->err, "%s\nGo on? [y/N] ", clean);
	fflush(shell->err);
	yes = answered_yes(shell->err);
	if (!yes)
		shell_fail(shell, "not_confirmed", "nothing was done", NULL);
	return yes ? SHELL_DONE : SHELL_REFUSED;
}
