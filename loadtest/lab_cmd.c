/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_cmd.h"

#include <getopt.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/lab.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_log.h"
#include "loadtest/lab_start.h"
#include "loadtest/lab_super.h"
#include "loadtest/lab_unit.h"

#define FOLLOW_TICK_MS 200
#define WAIT_MAX_S     86400
#define LOG_LINES_MAX  100000

static int
complain(const struct err *err)
{
	fprintf(stderr, "loadtest: %s\n", err->text);
	return 1;
}

static bool
take_number(const char *text, int min, int max, int *out)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < min || n > max) {
		fprintf(stderr, "loadtest: %s: a number from %d to %d is wanted\n", text, min, max);
		return false;
	}
	*out = (int)n;
	return true;
}

struct up {
	struct lab_options lab;
	bool detach;
};

static const struct count {
	int letter, min, max;
	size_t offset; /* in struct lab_options */
} counts[] = {
	{'n', 1, LAB_NODES_MAX, offsetof(struct lab_options, nodes)},
	{'m', 1, LAB_MQSDS_MAX, offsetof(struct lab_options, mqsds)},
	{'r', 0, LAB_REPLICAS_MAX, offsetof(struct lab_options, replicas)},
	{'s', 0, LAB_SENTINELS_MAX, offsetof(struct lab_options, sentinels)},
	{'w', 1, WAIT_MAX_S, offsetof(struct lab_options, wait_max_s)},
};

static bool
take_up(struct up *up, int letter)
{
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i].letter == letter)
			return take_number(optarg, counts[i].min, counts[i].max,
					   (int *)((char *)&up->lab + counts[i].offset));
	switch (letter) {
	case 'l':
		up->lab.dir = optarg;
		return true;
	case 'b':
		up->lab.mqsd_bin = optarg;
		return true;
	case 'M':
		up->lab.mqsds = 0;
		return true;
	case 'N':
		up->lab.netns = true;
		return true;
	case 'e':
		up->lab.etc = optarg;
		return true;
	case 'u':
		up->lab.music = optarg;
		return text_is_name(optarg);
	case 'k':
		up->lab.keep = true;
		return true;
	case 'd':
		up->detach = true;
		return true;
	default:
		return false;
	}
}

static bool
parse_up(int argc, char **argv, struct up *up)
{
	static const struct option rows[] = {{"nodes", required_argument, NULL, 'n'},
					     {"mqsd", required_argument, NULL, 'm'},
					     {"replicas", required_argument, NULL, 'r'},
					     {"sentinels", required_argument, NULL, 's'},
					     {"netns", no_argument, NULL, 'N'},
					     {"lab", required_argument, NULL, 'l'},
					     {"mqsd-bin", required_argument, NULL, 'b'},
					     {"no-mqsd", no_argument, NULL, 'M'},
					     {"etc", required_argument, NULL, 'e'},
					     {"music", required_argument, NULL, 'u'},
					     {"wait-max", required_argument, NULL, 'w'},
					     {"keep", no_argument, NULL, 'k'},
					     {"detach", no_argument, NULL, 'd'},
					     {NULL, 0, NULL, 0}};
	int c;

	*up = (struct up){.lab.nodes = 2, .lab.mqsds = 1};
	while ((c = getopt_long(argc, argv, "", rows, NULL)) != -1)
		if (!take_up(up, c))
			return false;
	return optind == argc;
}

static void
print_ready(struct lab *lab, void *arg)
{
	lab_print(lab, stdout);
	printf("\nThe lab is in %s. %s\n", lab->dir, (const char *)arg);
	fflush(stdout);
}

int
lab_cmd_up(int argc, char **argv)
{
	struct lab_super_call call = {.ready = print_ready, .arg = "Ctrl-C ends it."};
	struct err err = {""};
	struct lab lab;
	struct up up;

	if (!parse_up(argc, argv, &up)) {
		fputs("Try 'loadtest --help'.\n", stderr);
		return 2;
	}
	if (!up.detach)
		return lab_super_run(&up.lab, &call, &err) == 0 ? 0 : complain(&err);
	if (lab_start_supervisor(&up.lab, true, &lab, &err) != 0)
		return complain(&err);
	print_ready(&lab, "'loadtest lab down' ends it.");
	return 0;
}

struct pick {
	const char *dir;
	bool follow;
	int lines;
	const char *server; /* NULL: all */
};

static bool
parse_pick(int argc, char **argv, const char *letters, struct pick *pick)
{
	static const struct option rows[] = {{"lab", required_argument, NULL, 'l'},
					     {NULL, 0, NULL, 0}};
	bool ok = true;
	int c;

	*pick = (struct pick){.lines = 20};
	while (ok && (c = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		if (c == 'l')
			pick->dir = optarg;
		else if (c == 'f')
			pick->follow = true;
		else if (c == 'n')
			ok = take_number(optarg, 1, LOG_LINES_MAX, &pick->lines);
		else
			ok = false;
	}
	if (ok && optind < argc && letters[0] != '\0')
		pick->server = argv[optind++];
	if (!ok || optind != argc) {
		fputs("Try 'loadtest --help'.\n", stderr);
		return false;
	}
	return true;
}

static int
find_lab(const struct pick *pick, struct lab *lab)
{
	char dir[LAB_PATH_MAX];
	struct err err;

	if (lab_dir_find(pick->dir, dir, &err) != 0 || lab_load(dir, lab, &err) != 0)
		return complain(&err);
	return 0;
}

static bool
any_down(struct lab *lab)
{
	const struct lab_server *s;
	bool down = false;
	int i;

	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++)
		down = down || s->pid == 0;
	return down;
}

static void
status_one(const char *dir, void *arg)
{
	struct err err;
	struct lab lab;
	int *seen = arg;

	if (lab_load(dir, &lab, &err) != 0 || !lab_alive(&lab))
		return;
	printf("%s%s, supervisor %ld%s\n", (*seen)++ > 0 ? "\n" : "", lab.dir, (long)lab.pid,
	       lab.ready ? "" : ", starting");
	lab_print(&lab, stdout);
}

int
lab_cmd_status(int argc, char **argv)
{
	struct pick pick;
	struct lab lab;
	int seen = 0;

	if (!parse_pick(argc, argv, "", &pick))
		return 2;
	if (pick.dir == NULL) {
		lab_dirs_each(status_one, &seen);
		if (seen == 0)
			puts("no lab runs");
		return seen > 0 ? 0 : 1;
	}
	if (find_lab(&pick, &lab) != 0)
		return 1;
	status_one(pick.dir, &seen);
	if (seen == 0)
		printf("%s: its supervisor %ld is dead\n", lab.dir, (long)lab.pid);
	return seen > 0 && !any_down(&lab) ? 0 : 1;
}

int
lab_cmd_down(int argc, char **argv)
{
	struct pick pick;
	struct err err;
	struct lab lab;

	if (!parse_pick(argc, argv, "", &pick))
		return 2;
	if (find_lab(&pick, &lab) != 0)
		return 1;
	if (lab_stop(&lab, &err) != 0)
		return complain(&err);
	printf("%s: all servers ended\n", lab.dir);
	return 0;
}

static void
show_logs(struct lab *lab, const struct lab_server *only, int lines, long *at, bool first)
{
	const struct lab_server *s;
	char *path;
	int i;

	for (i = 0; (s = lab_server_at(lab, i)) != NULL; i++) {
		if (only != NULL && s != only)
			continue;
		path = lab_log_path(lab, s->name);
		at[i] = first ? lab_log_tail(path, s->name, lines, stdout)
			      : lab_log_more(path, s->name, at[i], stdout);
		free(path);
	}
	fflush(stdout);
}

int
lab_cmd_logs(int argc, char **argv)
{
	const struct lab_server *only = NULL;
	long at[LAB_SERVERS_MAX] = {0};
	struct pick pick;
	struct lab lab;

	if (!parse_pick(argc, argv, "fn:", &pick))
		return 2;
	if (find_lab(&pick, &lab) != 0)
		return 1;
	if (pick.server != NULL && (only = lab_server_find(&lab, pick.server)) == NULL) {
		fprintf(stderr, "loadtest: no server %s in this lab\n", pick.server);
		return 1;
	}
	show_logs(&lab, only, pick.lines, at, true);
	while (pick.follow && lab_alive(&lab)) {
		poll(NULL, 0, FOLLOW_TICK_MS);
		show_logs(&lab, only, pick.lines, at, false);
	}
	return 0;
}
