/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/lab_cmd.h"

#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/lab.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_log.h"
#include "loadtest/lab_start.h"
#include "loadtest/lab_super.h"

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

static bool
parse_up(int argc, char **argv, struct up *up)
{
	static const struct option rows[] = {
		{"nodes", required_argument, NULL, 'n'},    {"lab", required_argument, NULL, 'l'},
		{"mqsd", required_argument, NULL, 'm'},	    {"no-mqsd", no_argument, NULL, 'M'},
		{"etc", required_argument, NULL, 'e'},	    {"music", required_argument, NULL, 'u'},
		{"wait-max", required_argument, NULL, 'w'}, {"keep", no_argument, NULL, 'k'},
		{"detach", no_argument, NULL, 'd'},	    {NULL, 0, NULL, 0}};
	bool ok = true;
	int c;

	*up = (struct up){.lab.nodes = 2};
	while (ok && (c = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		switch (c) {
		case 'n':
			ok = take_number(optarg, 1, LAB_NODES_MAX, &up->lab.nodes);
			break;
		case 'l':
			up->lab.dir = optarg;
			break;
		case 'm':
			up->lab.mqsd = optarg;
			break;
		case 'M':
			up->lab.no_mqsd = true;
			break;
		case 'e':
			up->lab.etc = optarg;
			break;
		case 'u':
			up->lab.music = optarg;
			ok = text_is_name(optarg);
			break;
		case 'w':
			ok = take_number(optarg, 1, WAIT_MAX_S, &up->lab.wait_max_s);
			break;
		case 'k':
			up->lab.keep = true;
			break;
		case 'd':
			up->detach = true;
			break;
		default:
			ok = false;
		}
	}
	return ok && optind == argc;
}

static void
print_ready(const struct lab *lab, void *arg)
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
server_down(const struct lab_server *s)
{
	return s->pid == 0;
}

static bool
any_down(const struct lab *lab)
{
	bool down = server_down(&lab->redis) || server_down(&lab->kamailio) ||
		    (lab->has_mqsd && server_down(&lab->mqsd));
	int i;

	for (i = 0; i < lab->node_count; i++)
		down = down || server_down(&lab->nodes[i].server);
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

/* Names of the lab's logs; returns how many. */
static int
log_names(const struct lab *lab, const char *names[LAB_NODES_MAX + 3])
{
	int n = 0, i;

	names[n++] = "redis";
	names[n++] = "kamailio";
	for (i = 0; i < lab->node_count; i++)
		names[n++] = lab->nodes[i].name;
	if (lab->has_mqsd)
		names[n++] = "mqsd";
	return n;
}

static void
show_logs(const struct lab *lab, const struct pick *pick, long *at, bool first)
{
	const char *names[LAB_NODES_MAX + 3];
	char path[LAB_PATH_MAX + 128];
	int n = log_names(lab, names), i;

	for (i = 0; i < n; i++) {
		if (pick->server != NULL && strcmp(pick->server, names[i]) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/log/%s.log", lab->dir, names[i]);
		at[i] = first ? lab_log_tail(path, names[i], pick->lines, stdout)
			      : lab_log_more(path, names[i], at[i], stdout);
	}
	fflush(stdout);
}

int
lab_cmd_logs(int argc, char **argv)
{
	const char *names[LAB_NODES_MAX + 3];
	long at[LAB_NODES_MAX + 3] = {0};
	struct pick pick;
	struct lab lab;
	int n, i;

	if (!parse_pick(argc, argv, "fn:", &pick))
		return 2;
	if (find_lab(&pick, &lab) != 0)
		return 1;
	n = log_names(&lab, names);
	for (i = 0; pick.server != NULL && i < n && strcmp(pick.server, names[i]) != 0; i++)
		;
	if (pick.server != NULL && i == n) {
		fprintf(stderr, "loadtest: no server %s in this lab\n", pick.server);
		return 1;
	}
	show_logs(&lab, &pick, at, true);
	while (pick.follow && lab_alive(&lab)) {
		poll(NULL, 0, FOLLOW_TICK_MS);
		show_logs(&lab, &pick, at, false);
	}
	return 0;
}
