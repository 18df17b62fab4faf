/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/edit.h"

#include <histedit.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/words.h"
#include "mqsctl/complete.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/output.h"
#include "mqsctl/presence.h"
#include "mqsctl/script.h"
#include "mqsctl/secret.h"
#include "mqsctl/shell.h"

#define HISTORY_MAX	 1000
#define HISTORY_LINE_MAX 4096
#define LIST_LINES_MAX	 20

struct edit {
	struct shell *shell;
	EditLine *line;
	History *history;
	struct presence presence;
	char prompt[64];
	char *history_path; /* NULL: nowhere to keep it */
};

static struct edit *
edit_of(EditLine *line)
{
	struct edit *edit = NULL;

	el_get(line, EL_CLIENTDATA, &edit);
	return edit;
}

static char *
prompt(EditLine *line)
{
	return edit_of(line)->prompt;
}

static void
update_prompt(struct edit *edit)
{
	presence_ask(&edit->presence, edit->shell);
	snprintf(edit->prompt, sizeof(edit->prompt), "mqs [%s]> ", edit->presence.state);
}

/* The line up to the cursor; the caller frees it. */
static char *
line_to_cursor(EditLine *line)
{
	const LineInfo *info = el_line(line);

	return mem_dup_len(info->buffer, (size_t)(info->cursor - info->buffer));
}

/* Names in columns, as many lines as a person takes in. */
static void
list_candidates(FILE *out, const struct candidates *c, size_t width)
{
	size_t widest = 0, columns, i, max;

	for (i = 0; i < c->count; i++)
		if (strlen(c->list[i].text) + 2 > widest)
			widest = strlen(c->list[i].text) + 2;
	columns = width > widest ? width / widest : 1;
	max = columns * LIST_LINES_MAX < c->count ? columns * LIST_LINES_MAX : c->count;
	fputc('\n', out);
	for (i = 0; i < max; i++)
		if ((i + 1) % columns == 0 || i + 1 == max)
			fprintf(out, "%s\n", c->list[i].text);
		else
			fprintf(out, "%-*s", (int)widest, c->list[i].text);
	if (max < c->count)
		fprintf(out, "and %zu more\n", c->count - max);
}

/*
 * libedit draws the line again from its first row, which it takes to be as many rows above as the
 * line had wrapped before something was printed below it. So that many rows are left free.
 */
static void
leave_rows(const struct edit *edit, const char *text)
{
	size_t width = output_width(edit->shell->out);
	size_t rows = width ? (output_columns(edit->prompt) + output_columns(text)) / width : 0;

	while (rows-- > 0)
		fputc('\n', edit->shell->out);
	fflush(edit->shell->out);
}

static unsigned char
on_tab(EditLine *line, int key)
{
	struct shell *shell = edit_of(line)->shell;
	char *text = line_to_cursor(line);
	struct completion c;
	unsigned char result = CC_ERROR;

	(void)key;
	complete_line(&c, shell->grammar, shell->client, text);
	if (c.insert)
		result = el_insertstr(line, c.insert) == 0 ? CC_REFRESH : CC_ERROR;
	else if (c.candidates.count > 1) {
		list_candidates(shell->out, &c.candidates, output_width(shell->out));
		leave_rows(edit_of(line), text);
		result = CC_REDISPLAY;
	}
	complete_clear(&c);
	free(text);
	return result;
}

/* Inside quotes it is a letter like any other. */
static bool
in_quotes(const char *text)
{
	struct words words;
	struct err err;
	bool open = words_split(&words, text, &err) == 0 && words.open;

	words_clear(&words);
	return open;
}

static unsigned char
on_question(EditLine *line, int key)
{
	struct shell *shell = edit_of(line)->shell;
	char *text = line_to_cursor(line);
	unsigned char result = CC_REDISPLAY;

	(void)key;
	if (in_quotes(text)) {
		result = el_insertstr(line, "?") == 0 ? CC_REFRESH : CC_ERROR;
	} else {
		fputs("?\n", shell->out);
		complete_help(shell->out, shell->grammar, shell->client, text,
			      output_width(shell->out));
		leave_rows(edit_of(line), text);
	}
	free(text);
	return result;
}

static char *
history_file(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state)
		return mem_printf("%s/mqsctl_history", state);
	return home && *home ? mem_printf("%s/.mqsctl_history", home) : NULL;
}

static int
edit_open(struct edit *edit)
{
	HistEvent event;

	edit->history = history_init();
	edit->line = el_init("mqsctl", stdin, edit->shell->out, edit->shell->err);
	if (!edit->line || !edit->history)
		return -1;
	history(edit->history, &event, H_SETSIZE, HISTORY_MAX);
	history(edit->history, &event, H_SETUNIQUE, 1);
	edit->history_path = history_file();
	if (edit->history_path)
		history(edit->history, &event, H_LOAD, edit->history_path);
	el_set(edit->line, EL_CLIENTDATA, edit);
	el_set(edit->line, EL_PROMPT, prompt);
	el_set(edit->line, EL_EDITOR, "emacs");
	el_set(edit->line, EL_HIST, history, edit->history);
	/* The person's ~/.editrc first: what follows is what this shell promises. */
	el_source(edit->line, NULL);
	el_set(edit->line, EL_SIGNAL, 1);
	el_set(edit->line, EL_ADDFN, "mqs-complete", "Complete the word", on_tab);
	el_set(edit->line, EL_ADDFN, "mqs-help", "Explain what can stand here", on_question);
	el_set(edit->line, EL_BIND, "^I", "mqs-complete", NULL);
	el_set(edit->line, EL_BIND, "?", "mqs-help", NULL);
	el_set(edit->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
	/* While a line is edited Ctrl-C is a key and no signal. */
	el_set(edit->line, EL_SETTY, "-d", "-isig", NULL);
	el_set(edit->line, EL_BIND, "^C", "em-kill-line", NULL);
	return 0;
}

static void
edit_close(struct edit *edit)
{
	HistEvent event;

	if (edit->history && edit->history_path)
		history(edit->history, &event, H_SAVE, edit->history_path);
	if (edit->line)
		el_end(edit->line);
	if (edit->history)
		history_end(edit->history);
	free(edit->history_path);
}

/* A line with a secret, or one that begins with a space, stays out of it. */
static bool
is_kept(const struct edit *edit, const char *line)
{
	return *line && *line != ' ' && *line != '\t' && strlen(line) <= HISTORY_LINE_MAX &&
	       !secret_line(edit->shell->grammar, line);
}

int
edit_run(struct shell *shell, bool rc)
{
	struct edit edit = {.shell = shell};
	HistEvent event;
	const char *text;
	char *line;
	int count;

	shell->interactive = true;
	interrupt_watch();
	if (edit_open(&edit) != 0) {
		shell_fail(shell, "terminal", "this terminal can't be used", "TERM may be wrong.");
		edit_close(&edit);
		return SHELL_USAGE;
	}
	if (rc)
		script_rc(shell);
	while (!shell->leave) {
		update_prompt(&edit);
		/* Before the prompt: what is typed ahead must not be echoed by the kernel as well.
		 */
		el_set(edit.line, EL_PREP_TERM, 1);
		text = el_gets(edit.line, &count);
		if (!text || count <= 0) {
			fputc('\n', shell->out);
			break;
		}
		line = mem_dup_len(text, strcspn(text, "\r\n"));
		if (is_kept(&edit, line))
			history(edit.history, &event, H_ENTER, line);
		/* A command that failed has said so; the shell goes on. */
		shell_run_line(shell, line);
		free(line);
	}
	edit_close(&edit);
	return SHELL_DONE;
}
