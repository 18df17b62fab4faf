/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/run_cmd.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/desk.h"
#include "loadtest/dossier.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_net.h"
#include "loadtest/report.h"
#include "loadtest/run.h"
#include "loadtest/scenario.h"

#define SETS_MAX 64
#define NOT_MADE 2

struct run_options {
	const char *profile, *lab, *report, *dir, *mqsd, *etc;
	char *sets[SETS_MAX];
	int set_count;
	bool keep;
};

/* What a signal handler can set. */
static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

/* Only once the lab is up: until then a signal's own effect ends us, and the lab with us. */
static void
catch_signals(void)
{
	struct sigaction sa = {.sa_handler = catch};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
complain(const struct err *err)
{
	fprintf(stderr, "loadtest: %s\n", err->text);
	return caught == SIGINT ? 130 : NOT_MADE;
}

static bool
add_set(struct run_options *o, char *text)
{
	if (o->set_count == SETS_MAX) {
		free(text);
		return false;
	}
	o->sets[o->set_count++] = text;
	return true;
}

static bool
take_option(struct run_options *o, int letter)
{
	switch (letter) {
	case 's':
		return add_set(o, mem_dup(optarg));
	case 'S':
		return add_set(o, mem_printf("seed=%s", optarg));
	case 'n':
		return add_set(o, mem_printf("nodes=%s", optarg));
	case 'l':
		o->lab = optarg;
		return true;
	case 'r':
		o->report = optarg;
		return true;
	case 'd':
		o->dir = optarg;
		return true;
	case 'm':
		o->mqsd = optarg;
		return true;
	case 'e':
		o->etc = optarg;
		return true;
	case 'k':
		o->keep = true;
		return true;
	default:
		return false;
	}
}

static int
parse(int argc, char **argv, struct run_options *o)
{
	static const struct option rows[] = {
		{"set", required_argument, NULL, 's'},	    {"seed", required_argument, NULL, 'S'},
		{"nodes", required_argument, NULL, 'n'},    {"lab", required_argument, NULL, 'l'},
		{"report", required_argument, NULL, 'r'},   {"dir", required_argument, NULL, 'd'},
		{"mqsd-bin", required_argument, NULL, 'm'}, {"etc", required_argument, NULL, 'e'},
		{"keep", no_argument, NULL, 'k'},	    {NULL, 0, NULL, 0},
	};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1)
		if (!take_option(o, letter))
			return -1;
	if (argc - optind != 1) {
		fprintf(stderr, "loadtest: run takes the name of one profile, such as smoke\n");
		return -1;
	}
	o->profile = argv[optind];
	return 0;
}

static int
read_profile(const struct run_options *o, const char *scenarios, struct profile *p, struct err *err)
{
	int i;

	if (profile_read(p, scenarios, o->profile, err) != 0)
		return -1;
	for (i = 0; i < o->set_count; i++)
		if (profile_set(p, o->sets[i], err) != 0)
			return -1;
	return profile_check(p, err);
}

/* The run's directory: the one asked for, empty or new, or one of our own. Absolute. */
static int
make_dir(const char *wanted, char out[PATH_MAX], struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *path = mem_printf("%s/mqs-run-XXXXXX", tmp != NULL && *tmp == '/' ? tmp : "/tmp");
	char *made;
	int rc = 0;

	if (wanted != NULL && mkdir(wanted, 0700) != 0)
		rc = err_set(err, "%s: %s", wanted, strerror(errno));
	made = wanted != NULL ? (rc == 0 ? realpath(wanted, out) : NULL) : mkdtemp(path);
	if (rc == 0 && made == NULL)
		rc = err_set(err, "no directory for the run: %s", strerror(errno));
	if (rc == 0 && wanted == NULL)
		snprintf(out, PATH_MAX, "%s", path);
	free(path);
	return rc;
}

/* Reaches the verdict on a directory and says it; 0, 1, or 2 with a sentence. */
static int
judge(const char *dir, const char *report_path)
{
	struct evidence evidence;
	struct verdict verdict;
	struct measure measure;
	struct report report = {.evidence = &evidence, .verdict = &verdict, .measure = &measure};
	json_t *meta, *json;
	struct err err;
	int rc;

	if (dossier_load(dir, &evidence, &meta, &err) != 0)
		return complain(&err);
	verdict_reach(&verdict, &evidence, &verdict_default_rules);
	measure_take(&measure, &evidence, json_integer_value(json_object_get(meta, "wrapup_us")));
	report.meta = meta;
	json = report_json(&report);
	rc = report_status(&report);
	if (report_path != NULL &&
	    json_dump_file(json, report_path, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) != 0) {
		fprintf(stderr, "loadtest: %s cannot be written\n", report_path);
		rc = NOT_MADE;
	}
	report_print(&report, stdout);
	json_decref(json);
	json_decref(meta);
	measure_free(&measure);
	verdict_free(&verdict);
	evidence_free(&evidence);
	return rc;
}

static int
open_lab(const struct run_options *o, const struct profile *p, struct lab *lab, struct err *err)
{
	struct lab_options own = {
		.nodes = (int)p->nodes, .mqsds = 1, .mqsd_bin = o->mqsd, .etc = o->etc};
	char dir[LAB_PATH_MAX];

	if (o->lab == NULL)
		return lab_start(&own, lab, err);
	if (lab_dir_find(o->lab, dir, err) != 0 || lab_load(dir, lab, err) != 0)
		return -1;
	if (!lab->ready || !lab_alive(lab))
		return err_set(err, "the lab %s does not run", dir);
	if (lab->mqsd_count == 0)
		return err_set(err, "the lab %s has no mqsd", dir);
	return lab_net_enter(lab, 0, err);
}

/* A lab that was there before stays, without what the run put into it. */
static void
leave_lab(const struct run_options *o, const struct run *run)
{
	struct client *client;
	char *from, *to;
	struct err err;

	if (o->lab != NULL) {
		client = client_new(run->lab.mqsds[0].socket);
		if (run->opened && desk_close(client, run->profile, &err) != 0)
			fprintf(stderr, "loadtest: the lab was not left clean: %s\n", err.text);
		client_free(client);
		return;
	}
	/* The servers' logs are evidence as well. */
	from = mem_printf("%s/log", run->lab.dir);
	to = mem_printf("%s/log", run->dir);
	if (rename(from, to) != 0)
		fprintf(stderr, "loadtest: %s is not kept: %s\n", from, strerror(errno));
	free(from);
	free(to);
	if (lab_stop(&run->lab, &err) != 0)
		fprintf(stderr, "loadtest: %s\n", err.text);
}

static int
run_profile(const struct run_options *o, const struct profile *p, const char *scenarios,
	    const char *dir)
{
	struct run run = {.profile = p,
			  .scenarios = scenarios,
			  .dir = dir,
			  .signal = &caught,
			  .lab_stays = o->lab != NULL};
	struct err err;
	int rc;

	if (open_lab(o, p, &run.lab, &err) != 0)
		return complain(&err);
	catch_signals();
	fprintf(stderr, "%s: %lld calls, %lld agents, %d nodes; about %lld s\n", p->name,
		(long long)p->callers, (long long)p->agents, run.lab.node_count,
		(long long)profile_expected_s(p));
	rc = run_make(&run, &err);
	leave_lab(o, &run);
	return rc == 0 ? judge(dir, o->report) : complain(&err);
}

int
run_cmd_run(int argc, char **argv)
{
	struct run_options o = {0};
	char scenarios[PATH_MAX], dir[PATH_MAX];
	struct profile profile = {0};
	struct err err;
	int rc, i;

	if (parse(argc, argv, &o) != 0)
		rc = NOT_MADE;
	else if (scenario_dir(scenarios, sizeof(scenarios), &err) == NULL ||
		 read_profile(&o, scenarios, &profile, &err) != 0 ||
		 make_dir(o.dir, dir, &err) != 0) {
		rc = complain(&err);
	} else {
		rc = run_profile(&o, &profile, scenarios, dir);
		if (rc == 0 && !o.keep && o.dir == NULL)
			lab_dir_remove(dir);
		else
			fprintf(stderr, "loadtest: what the witnesses saw is in %s\n", dir);
	}
	for (i = 0; i < o.set_count; i++)
		free(o.sets[i]);
	profile_free(&profile);
	return rc;
}

int
run_cmd_judge(int argc, char **argv)
{
	static const struct option rows[] = {{"report", required_argument, NULL, 'r'},
					     {NULL, 0, NULL, 0}};
	const char *report = NULL;
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (letter != 'r')
			return NOT_MADE;
		report = optarg;
	}
	if (argc - optind != 1) {
		fprintf(stderr, "loadtest: judge takes the directory of one run\n");
		return NOT_MADE;
	}
	return judge(argv[optind], report);
}
