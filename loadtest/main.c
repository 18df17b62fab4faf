/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "loadtest/command.h"

static void
usage(FILE *out)
{
	size_t i;

	fputs("usage: loadtest COMMAND [OPTION...]\n\n", out);
	for (i = 0; i < command_count; i++)
		fprintf(out, "  loadtest %s %s\n        %s.\n", commands[i].name, commands[i].usage,
			commands[i].help);
}

/* How many of the words make up the command's name; 0 when it is another command. */
static int
name_matches(const char *name, int argc, char **argv)
{
	const char *space = strchr(name, ' ');
	size_t first = space != NULL ? (size_t)(space - name) : strlen(name);

	if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0)
		return 0;
	if (space == NULL)
		return 1;
	return argc >= 2 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static const char *
command_name(const void *table, size_t i)
{
	return ((const struct command *)table)[i].name;
}

static int
unknown(int argc, char **argv)
{
	char words[80];
	const char *near;

	snprintf(words, sizeof(words), "%s%s%s", argv[0], argc > 1 ? " " : "",
		 argc > 1 ? argv[1] : "");
	near = text_nearest(words, command_name, commands, command_count);
	fprintf(stderr, "loadtest: no such command: %s%s%s%s\n", words,
		near != NULL ? "; did you mean \"loadtest " : "", near != NULL ? near : "",
		near != NULL ? "\"?" : "");
	fputs("Try 'loadtest --help'.\n", stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	size_t i;
	int n;

	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("loadtest " MQS_VERSION);
		return 0;
	}
	for (i = 0; i < command_count; i++) {
		n = name_matches(commands[i].name, argc - 1, argv + 1);
		if (n > 0)
			return commands[i].run(argc - n, argv + n);
	}
	return unknown(argc - 1, argv + 1);
}
