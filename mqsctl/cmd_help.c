/* SPDX-License-Identifier: BSD-2-Clause */
#include <jansson.h>
#include <string.h>

#include "mqsctl/args.h"
#include "mqsctl/cmd.h"
#include "mqsctl/grammar.h"
#include "mqsctl/output.h"
#include "mqsctl/shell.h"

/* help needs no mqsd: it is made from the rows alone. */

static void
print_row_json(struct shell *shell, json_t *list)
{
	json_t *reply = json_pack("{s:o}", "commands", list);

	output_json(shell->out, reply);
	json_decref(reply);
}

static json_t *
row_json(const struct command *row)
{
	return json_pack("{s:s, s:s, s:b, s:b}", "syntax", row->syntax, "help", row->help, "edits",
			 (row->flags & COMMAND_EDIT) != 0, "asks", command_asks(row));
}

static bool
same_noun(const char *a, const char *b)
{
	size_t len = strcspn(a, " ");

	return len == strcspn(b, " ") && strncmp(a, b, len) == 0;
}

static void
print_row(struct shell *shell, const struct command *row)
{
	fprintf(shell->out, "  %s\n      %s\n", row->syntax, row->help);
}

int
cmd_help(struct shell *shell, const struct match *match)
{
	size_t i;

	if (shell->json)
		return cmd_help_all(shell, match);
	for (i = 0; i < command_count; i++) {
		if (i > 0 && !same_noun(commands[i].syntax, commands[i - 1].syntax))
			fputc('\n', shell->out);
		print_row(shell, &commands[i]);
	}
	fputs("\nWords can be shortened while they stay unique. --json anywhere prints what mqsd "
	      "said.\n"
	      "In the shell: TAB completes, ? explains.\n",
	      shell->out);
	return SHELL_DONE;
}

int
cmd_help_all(struct shell *shell, const struct match *match)
{
	json_t *list = json_array();
	size_t i;

	(void)match;
	for (i = 0; i < command_count; i++) {
		if (shell->json)
			json_array_append_new(list, row_json(&commands[i]));
		else
			fprintf(shell->out, "%s\t%s\n", commands[i].syntax, commands[i].help);
	}
	if (shell->json)
		print_row_json(shell, list);
	else
		json_decref(list);
	return SHELL_DONE;
}

/* Do the typed words begin the row, each shortened as one likes? */
static bool
row_begins(const struct command *row, const struct match *match)
{
	const char *s = row->syntax, *typed;
	size_t i, len;

	for (i = 0; (typed = match_value_at(match, "command", i)); i++) {
		s += strspn(s, " ");
		len = strcspn(s, " ");
		if (!*s || *s == '<' || *s == '[' || strlen(typed) > len ||
		    strncmp(s, typed, strlen(typed)) != 0)
			return false;
		s += len;
	}
	return true;
}

/* The placeholders of a row, each explained once. */
static void
print_kinds(struct shell *shell, const struct command *row)
{
	const char *s = row->syntax;
	const struct arg_kind *kind;
	size_t len;

	while ((s = strchr(s, '<'))) {
		len = strcspn(++s, ">");
		kind = arg_kind_find(s, len);
		if (kind)
			fprintf(shell->out, "        <%s>  %s\n", kind->name, kind->help);
	}
}

int
cmd_help_command(struct shell *shell, const struct match *match)
{
	json_t *list = json_array();
	size_t i, found = 0;

	for (i = 0; i < command_count; i++) {
		if (!row_begins(&commands[i], match))
			continue;
		found++;
		json_array_append_new(list, row_json(&commands[i]));
		if (shell->json)
			continue;
		print_row(shell, &commands[i]);
		print_kinds(shell, &commands[i]);
		if (command_asks(&commands[i]))
			fputs("        says what it will touch and asks, unless --yes\n",
			      shell->out);
		else if (commands[i].flags & COMMAND_EDIT)
			fputs("        changes mqsd's state\n", shell->out);
	}
	if (found == 0)
		shell_fail(shell, "usage", "no command begins so", "`help` lists them all.");
	else if (shell->json)
		print_row_json(shell, json_incref(list));
	json_decref(list);
	return found ? SHELL_DONE : SHELL_USAGE;
}

int
cmd_exit(struct shell *shell, const struct match *match)
{
	(void)match;
	shell->leave = true;
	return SHELL_DONE;
}
