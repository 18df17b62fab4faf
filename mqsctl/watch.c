/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/watch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "mqsctl/grammar.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/pager.h"
#include "mqsctl/shell.h"

/* Home; the rest of the line, the rest of the screen. */
#define HOME	   "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_REST "\033[J"

static bool
can_redraw(const struct shell *shell)
{
	const char *term = getenv("TERM");

	return !shell->json && !shell->now.given[SWITCH_CSV] && isatty(fileno(shell->out)) &&
	       term && *term && strcmp(term, "dumb") != 0;
}

/* The lines that fit, one row of the terminal being the heading's. */
static void
draw(FILE *out, const char *heading, const char *text)
{
	size_t height = pager_height(out), rows = 1, len, left = pager_rows(out, text);
	char *line;

	fprintf(out, HOME "%s" CLEAR_LINE, heading);
	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		line = mem_dup_len(text, len);
		rows += len > 0 ? pager_rows(out, line) : 1;
		/* The last row says what is below it. */
		if (rows >= height && left > 1) {
			fprintf(out, "\n%zu rows more" CLEAR_LINE, left);
			free(line);
			break;
		}
		left -= len > 0 ? pager_rows(out, line) : 1;
		fprintf(out, "\n%s" CLEAR_LINE, line);
		free(line);
	}
	fputs(CLEAR_REST, out);
	fflush(out);
}

static int
run_and_draw(struct shell *shell, const struct match *match, const char *heading)
{
	FILE *out = shell->out, *err = shell->err;
	char *text = NULL;
	size_t len;
	int rc;

	shell->out = shell->err = open_memstream(&text, &len);
	rc = match->command->run(shell, match);
	fclose(shell->out);
	shell->out = out;
	shell->err = err;
	draw(out, heading, text);
	free(text);
	return rc;
}

int
watch_run(struct shell *shell, const struct match *match)
{
	int seconds = shell->now.watch_s, rc;
	char *heading =
		mem_printf("%s, each %d s; Ctrl-C ends it", match->command->syntax, seconds);
	bool redraw = can_redraw(shell);

	interrupt_watch();
	for (;;) {
		if (redraw)
			rc = run_and_draw(shell, match, heading);
		else
			rc = match->command->run(shell, match);
		fflush(shell->out);
		shell->round++;
		interrupt_poll(-1, 1000 * seconds);
		if (interrupt_seen())
			break;
	}
	shell->round = 0;
	fputc('\n', redraw ? shell->out : shell->err);
	free(heading);
	return rc;
}
