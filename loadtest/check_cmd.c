/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/check_cmd.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/check.h"
#include "loadtest/follow.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_net.h"

#define NOT_CHECKED 2
#define LOOK_MS	    500
#define END_MS	    15000 /* what is still on its way out at the end */

struct wish {
	const char *lab, *redis, *pool, *events;
	bool end;
};

static bool
parse(int argc, char **argv, struct wish *wish)
{
	static const struct option rows[] = {
		{"lab", required_argument, NULL, 'l'},	{"redis", required_argument, NULL, 'r'},
		{"pool", required_argument, NULL, 'p'}, {"events", required_argument, NULL, 'e'},
		{"end", no_argument, NULL, 'E'},	{NULL, 0, NULL, 0},
	};
	int letter;

	*wish = (struct wish){.pool = "default"};
	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (letter == 'l')
			wish->lab = optarg;
		else if (letter == 'r')
			wish->redis = optarg;
		else if (letter == 'p')
			wish->pool = optarg;
		else if (letter == 'e')
			wish->events = optarg;
		else if (letter == 'E')
			wish->end = true;
		else
			return false;
	}
	return optind == argc && (wish->lab == NULL || wish->redis == NULL);
}

struct reading {
	struct check *check;
	size_t lines, broken;
};

static void
take_line(void *arg, const char *line)
{
	struct reading *reading = arg;

	reading->lines++;
	reading->broken += checker_line(reading->check->checker, line) != 0;
}

static int
read_file(struct check *check, const char *path, struct err *err)
{
	struct reading reading = {.check = check};
	struct follow f;

	follow_open(&f, path);
	follow_read(&f, take_line, &reading);
	follow_close(&f);
	if (reading.lines == 0)
		return err_set(err, "%s: no events there", path);
	if (reading.broken > 0)
		fprintf(stderr, "loadtest: %s: %zu of %zu lines are no events\n", path,
			reading.broken, reading.lines);
	return 0;
}

/* Looks until nothing is suspicious any more, or has become a violation. */
static int
look_at_place(struct check *check, const struct check_place *place, const struct wish *wish,
	      struct err *err)
{
	struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};

	do {
		if (wish->events == NULL && check_stream(check, place, err) != 0)
			return -1;
		if (check_look(check, place, err) != 0)
			return -1;
		if (checker_suspicions(check->checker) == 0)
			return 0;
		nanosleep(&pause, NULL);
	} while (true);
}

static int
find_place(const struct wish *wish, struct lab *lab, struct check_place *place, struct err *err)
{
	char dir[LAB_PATH_MAX];

	*place = (struct check_place){.redis = wish->redis};
	if (wish->redis != NULL)
		return 0;
	if (lab_dir_find(wish->lab, dir, err) != 0 || lab_load(dir, lab, err) != 0)
		return -1;
	if (!lab_alive(lab))
		return err_set(err, "the lab %s does not run", dir);
	place->lab = lab;
	return lab_net_enter(lab, 0, err);
}

static void
told(void *arg, const struct checker_violation *v)
{
	check_print(arg, v->rule->id, v->event, v->at, v->text);
}

static void
say(const struct check *check)
{
	struct checker_figures f;

	checker_figures(check->checker, &f);
	if (f.recoveries > 0)
		printf("  recoveries %" PRIu64 ", %" PRId64 " ms in all; %" PRIu64
		       " calls not told again\n",
		       f.recoveries, f.recovering_ms, f.lost);
	printf("  idle       %" PRId64
	       " ms with a waiting call and an agent for it, longest %" PRId64 " ms\n",
	       f.idle_ms, f.longest_ms);
	printf("check: %" PRIu64 " events, %" PRIu64 " calls, %" PRIu64 " violations\n", f.events,
	       f.entered, check->violations);
}

static int
check(struct check *c, const struct wish *wish, struct err *err)
{
	struct check_place place;
	struct lab lab;

	if (wish->events != NULL && read_file(c, wish->events, err) != 0)
		return -1;
	if (wish->events != NULL && wish->lab == NULL && wish->redis == NULL) {
		checker_pause(c->checker, 0);
		return 0;
	}
	if (find_place(wish, &lab, &place, err) != 0 || look_at_place(c, &place, wish, err) != 0)
		return -1;
	if (wish->end && check_end(c, &place, NULL, END_MS, err) != 0)
		return -1;
	checker_pause(c->checker, 0);
	return 0;
}

int
check_cmd(int argc, char **argv)
{
	struct check c;
	struct wish wish;
	struct err err;
	int rc;

	if (!parse(argc, argv, &wish)) {
		fputs("Try 'loadtest --help'.\n", stderr);
		return NOT_CHECKED;
	}
	check_open(&c, wish.pool);
	c.told = told;
	c.arg = stdout;
	rc = check(&c, &wish, &err);
	if (rc == 0)
		say(&c);
	else
		fprintf(stderr, "loadtest: %s\n", err.text);
	check_close(&c);
	if (rc != 0)
		return NOT_CHECKED;
	return c.violations > 0;
}
