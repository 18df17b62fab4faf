/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loadtest/lab_cmd.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_net.h"
#include "loadtest/lab_verb.h"

struct wish {
	const char *dir, *at;
	char **words;
	int count;
};

/* The options stand before the words, which may have options of their own. */
static bool
parse(int argc, char **argv, struct wish *wish)
{
	static const struct option rows[] = {{"lab", required_argument, NULL, 'l'},
					     {"at", required_argument, NULL, 'a'},
					     {NULL, 0, NULL, 0}};
	int c;

	*wish = (struct wish){0};
	while ((c = getopt_long(argc, argv, "+", rows, NULL)) != -1) {
		if (c == 'l')
			wish->dir = optarg;
		else if (c == 'a')
			wish->at = optarg;
		else
			return false;
	}
	wish->words = argv + optind;
	wish->count = argc - optind;
	return true;
}

static int
find(const struct wish *wish, struct lab *lab, struct err *err)
{
	char dir[LAB_PATH_MAX];

	if (lab_dir_find(wish->dir, dir, err) != 0 || lab_load(dir, lab, err) != 0)
		return -1;
	return lab_alive(lab) ? 0 : err_set(err, "the lab %s does not run", dir);
}

static int
complain(const char *text)
{
	fprintf(stderr, "loadtest: %s\n", text);
	return 1;
}

int
lab_cmd_verb(int argc, char **argv)
{
	struct wish wish;
	struct err err;
	struct lab lab;

	if (!parse(argc, argv, &wish) || wish.count < 1 || wish.count > 2 || wish.at != NULL) {
		fputs("Try 'loadtest --help'.\n", stderr);
		return 2;
	}
	if (find(&wish, &lab, &err) != 0 ||
	    lab_verb_ask(&lab, argv[0], wish.words[0], wish.count > 1 ? wish.words[1] : NULL,
			 &err) != 0)
		return complain(err.text);
	return 0;
}

int
lab_cmd_exec(int argc, char **argv)
{
	const struct lab_server *server = NULL;
	struct wish wish;
	struct err err;
	struct lab lab;

	if (!parse(argc, argv, &wish) || wish.count < 1) {
		fputs("Try 'loadtest --help'.\n", stderr);
		return 2;
	}
	if (find(&wish, &lab, &err) != 0)
		return complain(err.text);
	if (wish.at != NULL) {
		server = lab_server_find(&lab, wish.at);
		if (server == NULL || server->pid == 0)
			return complain("no such server runs in this lab");
	}
	if (lab_net_enter(&lab, server != NULL ? server->pid : 0, &err) != 0)
		return complain(err.text);
	execvp(wish.words[0], wish.words);
	err_set(&err, "%s: %s", wish.words[0], strerror(errno));
	return complain(err.text);
}
