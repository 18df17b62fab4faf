/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/shell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/client.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "mqsctl/complete.h"
#include "mqsctl/confirm.h"
#include "mqsctl/grammar.h"
#include "mqsctl/interrupt.h"
#include "mqsctl/output.h"
#include "mqsctl/pager.h"
#include "mqsctl/watch.h"

void
shell_open(struct shell *shell, struct client *client, const char *where)
{
	struct err err;

	*shell = (struct shell){.where = where, .out = stdout, .err = stderr};
	shell->client = client;
	shell->grammar = grammar_new(commands, command_count, &err);
	if (!shell->grammar)
		fatal("%s", err.text);
}

void
shell_close(struct shell *shell)
{
	free(shell->touches);
	client_free(shell->client);
	grammar_free(shell->grammar);
}

/* Keeps why the first write failed that did. */
static void
flush(struct shell *shell)
{
	if (fflush(shell->out) != 0 && shell->unwritten == 0)
		shell->unwritten = errno;
	else if (ferror(shell->out) && shell->unwritten == 0)
		shell->unwritten = EIO;
}

int
shell_end(struct shell *shell, int rc)
{
	flush(shell);
	if (shell->unwritten == 0)
		return rc;
	fprintf(shell->err, "mqsctl: the output could not be written: %s\n",
		strerror(shell->unwritten));
	return rc == SHELL_DONE ? SHELL_REFUSED : rc;
}

/* Foreign text reaches a terminal only through here and output.c. */
static void
say_printable(FILE *to, const char *fmt, va_list ap)
{
	char *text = mem_vprintf(fmt, ap), *clean = output_printable_dup(text);

	fprintf(to, "%s\n", clean);
	free(clean);
	free(text);
}

void
shell_say(struct shell *shell, const char *fmt, ...)
{
	va_list ap;

	if (shell->json)
		return;
	va_start(ap, fmt);
	say_printable(shell->out, fmt, ap);
	va_end(ap);
}

static void complain(struct shell *shell, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
complain(struct shell *shell, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_printable(shell->err, fmt, ap);
	va_end(ap);
}

void
shell_fail(struct shell *shell, const char *code, const char *message, const char *hint)
{
	json_t *body;

	/* Messages and events, in whichever order they were made. */
	flush(shell);
	if (shell->script.line > 0 && shell->script.name)
		complain(shell, "%s:%zu: %s", shell->script.name, shell->script.line, message);
	else if (shell->script.line > 0)
		complain(shell, "line %zu: %s", shell->script.line, message);
	else
		complain(shell, "%s%s", shell->interactive ? "" : "mqsctl: ", message);
	if (hint && *hint)
		complain(shell, "%s", hint);
	if (!shell->json)
		return;
	body = json_pack("{s:{s:s, s:s, s:s}}", "error", "code", code, "message", message, "hint",
			 hint ? hint : "");
	if (shell->script.line > 0)
		json_object_set_new(json_object_get(body, "error"), "line",
				    json_integer((json_int_t)shell->script.line));
	output_json(shell->out, body);
	json_decref(body);
}

/* The line again, with a mark under the word that is wrong or the place where one is missing. */
static void
point_at(struct shell *shell, const struct words *words, size_t word)
{
	size_t at, len, size = 4 * strlen(words->line) + 5, column, marks;
	char *clean = mem_alloc(size);

	at = word < words->count ? words->word[word].at : strlen(words->line);
	len = word < words->count ? words->word[word].len : 1;
	/* Where the text ends, a space must be there for the missing word. */
	output_printable(clean, size, words->line, at);
	column = output_columns(clean);
	if (word >= words->count && !words->fresh)
		column++;
	output_printable(clean, size, words->line + at, word < words->count ? len : 0);
	marks = word < words->count ? output_columns(clean) : 1;
	output_printable(clean, size, words->line, strlen(words->line));
	fprintf(shell->err, "  %s\n  %*s", clean, (int)column, "");
	while (marks-- > 0)
		fputc('^', shell->err);
	fputc('\n', shell->err);
	free(clean);
}

static int
explain(struct shell *shell, const struct match *m, const struct words *words)
{
	char *choices = complete_sentence(m);

	flush(shell);
	if (words->count > 0)
		point_at(shell, words, m->error_word);
	shell_fail(shell, "usage", m->err.text, choices);
	free(choices);
	return SHELL_USAGE;
}

/* What holds for this command; m is NULL for a line that has no words. */
static void
take_switches(struct shell *shell, const struct match *m)
{
	size_t i;

	for (i = 0; i < SWITCH_COUNT; i++)
		shell->now.given[i] = shell->all.given[i] || (m && m->switches.given[i]);
	shell->now.watch_s =
		m && m->switches.given[SWITCH_WATCH] ? m->switches.watch_s : shell->all.watch_s;
	shell->json = shell->now.given[SWITCH_JSON];
}

/* Nobody can be asked: said before mqsd is, so that a script fails the same way each time. */
static int
not_asked(struct shell *shell, const struct command *command)
{
	char *message = mem_printf("\"%s\" asks before it does something, and there is no "
				   "terminal to ask on",
				   command->syntax);

	shell_fail(shell, "not_confirmed", message,
		   "--yes does it without a question; --dry-run shows what it would do.");
	free(message);
	return SHELL_USAGE;
}

/* What a command prints that only reads, and the person at the terminal may want to leaf through.
 */
static int
run_paged(struct shell *shell, const struct match *m)
{
	FILE *out = shell->out;
	char *text = NULL;
	size_t len;
	int rc;

	if (!shell->interactive || m->command->flags & (COMMAND_EDIT | COMMAND_STREAM) ||
	    !(shell->out = open_memstream(&text, &len))) {
		shell->out = out;
		return m->command->run(shell, m);
	}
	rc = m->command->run(shell, m);
	fclose(shell->out);
	shell->out = out;
	pager_show(out, text, len);
	free(text);
	return rc;
}

/* A switch that can't be followed; a harmless one is not worth an error. */
static int
misplaced(struct shell *shell, const struct command *command)
{
	bool csv = shell->now.given[SWITCH_CSV];
	char *message = NULL;

	if (csv && shell->json)
		message = mem_dup("either --json or --csv");
	else if (csv && !(command->flags & COMMAND_TABLE))
		message = mem_printf("\"%s\" prints no list, so there is no --csv of it",
				     command->syntax);
	else if (shell->now.given[SWITCH_WATCH] && command->flags & (COMMAND_EDIT | COMMAND_STREAM))
		message = mem_printf("\"%s\" is not done again and again: --watch is for what only "
				     "reads",
				     command->syntax);
	if (!message)
		return SHELL_DONE;
	shell_fail(shell, "usage", message, NULL);
	free(message);
	return SHELL_USAGE;
}

static int
act(struct shell *shell, const struct match *m)
{
	int rc = misplaced(shell, m->command);

	if (rc != SHELL_DONE)
		return rc;
	shell->command = m->command;
	if (command_asks(m->command) && !shell->now.given[SWITCH_YES] &&
	    !shell->now.given[SWITCH_DRY_RUN] && !confirm_possible())
		return not_asked(shell, m->command);
	interrupt_clear();
	rc = shell->now.given[SWITCH_WATCH] ? watch_run(shell, m) : run_paged(shell, m);
	free(shell->touches);
	shell->touches = NULL;
	return rc == SHELL_DRY ? SHELL_DONE : rc;
}

static int
run(struct shell *shell, struct words *words)
{
	struct match *m = mem_alloc(sizeof(*m));
	int rc;

	match(m, shell->grammar, words);
	take_switches(shell, m);
	rc = m->result == MATCH_COMMAND ? act(shell, m) : explain(shell, m, words);
	flush(shell);
	match_clear(m);
	free(m);
	return rc;
}

void
shell_begin(struct shell *shell)
{
	take_switches(shell, NULL);
}

static int
not_words(struct shell *shell, const struct err *err)
{
	shell_begin(shell);
	shell_fail(shell, "usage", err->text, NULL);
	return SHELL_USAGE;
}

int
shell_run_words(struct shell *shell, int count, char *const *text)
{
	struct words words;
	struct err err;
	int rc;

	rc = words_take(&words, count, text, &err) == 0 ? run(shell, &words)
							: not_words(shell, &err);
	words_clear(&words);
	return rc;
}

int
shell_run_line(struct shell *shell, const char *line)
{
	struct words words;
	struct err err;
	int rc;

	if (words_split(&words, line, &err) != 0) {
		shell->script.commands++;
		return not_words(shell, &err);
	}
	if (words.count == 0 || words.word[0].text[0] == '#') {
		words_clear(&words);
		return SHELL_DONE;
	}
	shell->script.commands++;
	if (words.open) {
		err_set(&err, "a quote is not closed");
		rc = not_words(shell, &err);
	} else {
		rc = run(shell, &words);
	}
	words_clear(&words);
	return rc;
}
