/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chaos_cmd.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/chaos.h"
#include "loadtest/lab_net.h"
#include "loadtest/run_job.h"
#include "loadtest/scenario.h"

#define MINUTES	     30
#define PAUSE_MS     20000
#define HAMMER_MS    3000 /* pauses between two blows are drawn up to this */
#define HAMMER_FAULT "mqsd-kill"
#define PATIENCE     3	    /* calls are made for so many times what the plan takes at least */
#define RAMP_MS	     120000 /* and for this, to have calls in progress and to end */

struct wish {
	struct run_job job;
	int64_t minutes, seed, hammer, pause_ms;
	const char *plan;
	bool no_netns;
};

static bool
take_number(const char *text, int64_t min, int64_t max, int64_t *out)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < min || n > max) {
		fprintf(stderr,
			"loadtest: %s: a number from %" PRId64 " to %" PRId64 " is wanted\n", text,
			min, max);
		return false;
	}
	*out = n;
	return true;
}

static bool
take_count(const char *text, int min, int max, int *out)
{
	int64_t n;
	bool ok = take_number(text, min, max, &n);

	if (ok)
		*out = (int)n;
	return ok;
}

static bool
take_option(struct wish *w, int letter)
{
	switch (letter) {
	case 'M':
		return take_number(optarg, 1, 100000, &w->minutes);
	case 'S':
		return take_number(optarg, 0, INT64_MAX, &w->seed);
	case 'H':
		return take_number(optarg, 1, 100000, &w->hammer);
	case 'P':
		return take_number(optarg, 0, 600000, &w->pause_ms);
	case 'p':
		w->plan = optarg;
		return true;
	case 'N':
		w->no_netns = true;
		return true;
	case 'q':
		return take_count(optarg, 1, LAB_MQSDS_MAX, &w->job.own.mqsds);
	case 'R':
		return take_count(optarg, 0, LAB_REPLICAS_MAX, &w->job.own.replicas);
	case 'T':
		return take_count(optarg, 0, LAB_SENTINELS_MAX, &w->job.own.sentinels);
	case 's':
		return run_job_set(&w->job, mem_dup(optarg));
	case 'n':
		return take_count(optarg, 1, LAB_NODES_MAX, &w->job.own.nodes) &&
		       run_job_set(&w->job, mem_printf("nodes=%s", optarg));
	case 'r':
		w->job.report = optarg;
		return true;
	case 'd':
		w->job.dir = optarg;
		return true;
	case 'm':
		w->job.own.mqsd_bin = optarg;
		return true;
	case 'e':
		w->job.own.etc = optarg;
		return true;
	case 'k':
		w->job.keep = true;
		return true;
	default:
		return false;
	}
}

static bool
parse(int argc, char **argv, struct wish *w)
{
	static const struct option rows[] = {
		{"minutes", required_argument, NULL, 'M'},
		{"seed", required_argument, NULL, 'S'},
		{"plan", required_argument, NULL, 'p'},
		{"hammer", required_argument, NULL, 'H'},
		{"pause", required_argument, NULL, 'P'},
		{"no-netns", no_argument, NULL, 'N'},
		{"mqsd", required_argument, NULL, 'q'},
		{"replicas", required_argument, NULL, 'R'},
		{"sentinels", required_argument, NULL, 'T'},
		{"nodes", required_argument, NULL, 'n'},
		{"set", required_argument, NULL, 's'},
		{"report", required_argument, NULL, 'r'},
		{"dir", required_argument, NULL, 'd'},
		{"mqsd-bin", required_argument, NULL, 'm'},
		{"etc", required_argument, NULL, 'e'},
		{"keep", no_argument, NULL, 'k'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1)
		if (!take_option(w, letter))
			return false;
	return optind == argc;
}

static int
complain(const char *text)
{
	fprintf(stderr, "loadtest: %s\n", text);
	return RUN_NOT_MADE;
}

static int
make_plan(const struct wish *w, struct chaos *c, struct err *err)
{
	const struct lab_options *lab = &w->job.own;
	char *text;
	int rc = 0;

	if (w->plan != NULL) {
		text = scenario_read_file(w->plan, err);
		rc = text != NULL ? chaos_plan_read(&c->plan, text, err) : -1;
		free(text);
	} else if (w->hammer > 0) {
		chaos_plan_repeat(&c->plan, lab, c->seed, chaos_fault_find(HAMMER_FAULT),
				  (size_t)w->hammer, w->pause_ms);
	} else {
		chaos_plan_draw(&c->plan, lab, c->seed, w->minutes * 60000, w->pause_ms);
	}
	return rc == 0 && c->plan.count == 0 ? err_set(err, "the plan has no fault") : rc;
}

/* What must fit the lab, and the calls to the plan's length. */
static int
fit(struct wish *w, struct chaos *c, struct err *err)
{
	struct profile p;
	size_t i;

	for (i = 0; i < c->plan.count; i++)
		if (!chaos_fault_fits(c->plan.acts[i].fault, &w->job.own))
			return err_set(err, "the plan's %s needs what this lab has not%s%s",
				       c->plan.acts[i].fault->name, c->no_netns != NULL ? ": " : "",
				       c->no_netns != NULL ? c->no_netns : "");
	if (run_job_profile(&w->job, &p, err) != 0)
		return -1;
	c->fill_calls = chaos_fill_calls(&p);
	c->hold_ms = 1000 + (int64_t)(6000 / p.call_rate);
	run_job_set(&w->job,
		    mem_printf("calls=%" PRId64,
			       (int64_t)(p.call_rate *
					 (double)(PATIENCE * chaos_plan_ms(&c->plan) + RAMP_MS) /
					 1000)));
	profile_free(&p);
	return 0;
}

int
chaos_cmd(int argc, char **argv)
{
	struct wish w = {.minutes = MINUTES,
			 .seed = 1,
			 .pause_ms = -1,
			 .job = {.profile = "chaos",
				 .own = {.nodes = 4, .mqsds = 2, .replicas = 2, .sentinels = 3}}};
	struct chaos c = {0};
	struct run_companion companion = {
		.step = chaos_step, .name = "chaos", .tell = chaos_tell, .arg = &c};
	struct err no_netns = {""}, err;
	int rc;

	if (!parse(argc, argv, &w)) {
		run_job_free(&w.job);
		return complain("chaos takes options only; try 'loadtest --help'");
	}
	if (w.pause_ms < 0)
		w.pause_ms = w.hammer > 0 ? HAMMER_MS : PAUSE_MS;
	if (w.no_netns)
		err_set(&no_netns, "--no-netns was given");
	w.job.own.netns = !w.no_netns && lab_net_possible(&no_netns) == 0;
	if (!w.job.own.netns) {
		c.no_netns = no_netns.text;
		fprintf(stderr, "loadtest: no links are cut: %s\n", no_netns.text);
	}
	c.seed = (uint64_t)w.seed;
	w.job.companion = &companion;
	if (make_plan(&w, &c, &err) == 0 && fit(&w, &c, &err) == 0) {
		fprintf(stderr, "chaos: %zu faults, at least %" PRId64 " s\n", c.plan.count,
			chaos_plan_ms(&c.plan) / 1000);
		rc = run_job_do(&w.job);
	} else {
		rc = complain(err.text);
	}
	run_job_free(&w.job);
	chaos_free(&c);
	return rc;
}
