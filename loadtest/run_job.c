/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/run_job.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/desk.h"
#include "loadtest/dossier.h"
#include "loadtest/judge.h"
#include "loadtest/lab_dir.h"
#include "loadtest/lab_net.h"
#include "loadtest/machine.h"
#include "loadtest/plan.h"
#include "loadtest/report.h"
#include "loadtest/run_dir.h"
#include "loadtest/scenario.h"
#include "loadtest/tracer_plan.h"

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
	return caught == SIGINT ? 130 : RUN_NOT_MADE;
}

bool
run_job_set(struct run_job *job, char *text)
{
	if (job->set_count == RUN_SETS_MAX) {
		free(text);
		return false;
	}
	job->sets[job->set_count++] = text;
	return true;
}

bool
run_job_profile_option(struct run_job *job, int letter, const char *value)
{
	switch (letter) {
	case 's':
		return run_job_set(job, mem_dup(value));
	case 'x':
		return run_job_set(job, mem_printf("speed=%s", value));
	case 't':
		return run_job_set(job, mem_printf("duration_s=%s", value));
	case 'S':
		return run_job_set(job, mem_printf("seed=%s", value));
	case 'n':
		return run_job_set(job, mem_printf("nodes=%s", value));
	default:
		return false;
	}
}

bool
run_job_option(struct run_job *job, int letter, char *value)
{
	switch (letter) {
	case 'l':
		job->lab = value;
		return true;
	case 'r':
		job->report = value;
		return true;
	case 'd':
		job->dir = value;
		return true;
	case 'a':
		job->artifacts = value;
		return true;
	case 'm':
		job->own.mqsd_bin = value;
		return true;
	case 'e':
		job->own.etc = value;
		return true;
	case 'k':
		job->keep = true;
		return true;
	case 'p':
		job->no_preflight = true;
		return true;
	default:
		return run_job_profile_option(job, letter, value);
	}
}

int
run_job_profile(const struct run_job *job, struct profile *p, struct err *err)
{
	char scenarios[PATH_MAX];
	int i, rc;

	if (scenario_dir(scenarios, sizeof(scenarios), err) == NULL ||
	    profile_read(p, scenarios, job->profile, err) != 0)
		return -1;
	for (i = 0, rc = 0; rc == 0 && i < job->set_count; i++)
		rc = profile_set(p, job->sets[i], err);
	if (rc == 0)
		rc = profile_check(p, err);
	if (rc != 0)
		profile_free(p);
	return rc;
}

/* Reaches the verdict on a directory and says it; 0, 1, or 2 with a sentence. */
int
run_job_judge(const char *dir, const char *report_path)
{
	struct judge j;
	json_t *json;
	struct err err;
	char *kept;
	int rc;

	if (judge_open(&j, dir, &err) != 0)
		return complain(&err);
	json = judge_report(&j, dir);
	rc = report_status(json);
	if (rc == 0 && json_is_false(json_object_get(json, "complete")))
		rc = RUN_NOT_MADE;
	kept = mem_printf("%s/" DOSSIER_REPORT, dir);
	if (report_write(json, kept, &err) != 0 ||
	    (report_path != NULL && report_write(json, report_path, &err) != 0)) {
		complain(&err);
		rc = RUN_NOT_MADE;
	}
	report_text(json, stdout);
	free(kept);
	json_decref(json);
	judge_close(&j);
	return rc;
}

static int
open_lab(const struct run_job *job, const struct profile *p, struct lab *lab, struct err *err)
{
	struct lab_options own = job->own;
	char dir[LAB_PATH_MAX];

	if (job->lab == NULL) {
		own.nodes = (int)p->nodes;
		own.music = p->music;
		own.keepalive_s = (int)p->keepalive_s;
		return lab_start(&own, lab, err);
	}
	if (lab_dir_find(job->lab, dir, err) != 0 || lab_load(dir, lab, err) != 0)
		return -1;
	if (!lab->ready || !lab_alive(lab))
		return err_set(err, "the lab %s does not run", dir);
	if (lab->mqsd_count == 0)
		return err_set(err, "the lab %s has no mqsd", dir);
	return 0;
}

/* A lab that was there before stays, without what the run put into it. */
static void
leave_lab(const struct run_job *job, const struct run *run)
{
	struct client *client;
	struct err err;
	char *logs;

	if (job->lab != NULL) {
		client = client_new(run->lab.mqsds[0].socket);
		if (run->opened && desk_close(client, run->profile, &err) != 0)
			fprintf(stderr, "loadtest: the lab was not left clean: %s\n", err.text);
		client_free(client);
		return;
	}
	/* The servers' logs are evidence as well. */
	logs = mem_printf("%s/log", run->lab.dir);
	if (run_dir_take_logs(run->dir, logs, true, &err) != 0)
		fprintf(stderr, "loadtest: %s\n", err.text);
	free(logs);
	if (lab_stop(&run->lab, &err) != 0)
		fprintf(stderr, "loadtest: %s\n", err.text);
}

static struct machine_load
load_of(const struct run_job *job, const struct profile *p)
{
	struct machine_load load = machine_load_of(p, job->lab == NULL);

	load.messages = job->replay != NULL;
	return load;
}

/* Says what the machine lacks for that run; true: nothing. A companion's calls are not known. */
static bool
fits_machine(const struct run_job *job, const struct profile *p, const char *dir)
{
	struct machine_load load = load_of(job, p);
	struct machine machine;
	char *lacks;

	if (job->no_preflight || job->companion != NULL)
		return true;
	machine_look(&machine, dir);
	lacks = machine_lacks(&machine, &load);
	if (lacks == NULL)
		return true;
	fprintf(stderr, "loadtest: this machine can't take %s as it is (--no-preflight tries):\n%s",
		p->name, lacks);
	free(lacks);
	return false;
}

/* What is to be expected of it. A companion decides itself when it is enough. */
static void
announce(const struct run_job *job, const struct run *run, const struct machine_load *load)
{
	const struct profile *p = run->profile;
	double kept_s = tracer_plan_seconds(p);

	if (job->companion == NULL)
		fprintf(stderr,
			"%s: %lld calls, %lld agents, %d nodes; about %lld s, up to %lld MB on "
			"disk, SIP messages of the last %.0f s\n",
			p->name, (long long)p->callers, (long long)p->agents, run->lab.node_count,
			(long long)plan_expected_s(p), (long long)machine_disk_mb(load), kept_s);
	if (p->trace_mb > 0 && kept_s < TRACER_PLAN_NEED_S)
		fprintf(stderr,
			"loadtest: those of a dropped call may be gone before it is found, which "
			"takes up to %d s; --set trace_mb=%lld keeps them for long enough\n",
			TRACER_PLAN_NEED_S, (long long)tracer_plan_mb(p));
}

static int
make_run(const struct run_job *job, struct run *run)
{
	const struct profile *p = run->profile;
	const struct machine_load load = load_of(job, p);
	struct err err;
	int rc;

	if (open_lab(job, p, &run->lab, &err) != 0)
		return complain(&err);
	catch_signals();
	announce(job, run, &load);
	rc = lab_net_enter(&run->lab, 0, &err);
	if (rc == 0)
		rc = run_make(run, &err);
	leave_lab(job, run);
	return rc == 0 ? run_job_judge(run->dir, job->report) : complain(&err);
}

/* What is left of a run. */
static void
keep(const struct run_job *job, const struct run *run, int rc)
{
	struct err err;
	char *logs;

	if (rc == 0 && !job->keep && job->dir == NULL) {
		lab_dir_remove(run->dir);
		return;
	}
	if (rc != 0 && job->lab != NULL && job->artifacts != NULL) {
		logs = mem_printf("%s/log", run->lab.dir);
		if (run_dir_take_logs(run->dir, logs, false, &err) != 0)
			fprintf(stderr, "loadtest: %s\n", err.text);
		free(logs);
	}
	fprintf(stderr, "loadtest: what the witnesses saw is in %s\n", run->dir);
}

static int
do_profile(const struct run_job *job, struct run *run, char dir[PATH_MAX])
{
	struct err err;
	int rc;

	if (run_dir_make(job->dir, job->artifacts, run->profile->name, dir, &err) != 0)
		return complain(&err);
	if (!fits_machine(job, run->profile, dir)) {
		lab_dir_remove(dir);
		return RUN_NOT_MADE;
	}
	rc = make_run(job, run);
	keep(job, run, rc);
	return rc;
}

int
run_job_make(const struct run_job *job, const struct profile *p)
{
	char scenarios[PATH_MAX], dir[PATH_MAX] = "";
	struct run run = {.profile = p,
			  .scenarios = scenarios,
			  .dir = dir,
			  .signal = &caught,
			  .lab_stays = job->lab != NULL,
			  .replay = job->replay,
			  .companion = job->companion};
	struct err err;

	if (job->artifacts != NULL && job->dir != NULL) {
		err_set(&err, "--dir and --artifacts both say where the run goes");
		return complain(&err);
	}
	if (scenario_dir(scenarios, sizeof(scenarios), &err) == NULL)
		return complain(&err);
	return do_profile(job, &run, dir);
}

int
run_job_do(const struct run_job *job)
{
	struct profile profile;
	struct err err;
	int rc;

	if (run_job_profile(job, &profile, &err) != 0)
		return complain(&err);
	rc = run_job_make(job, &profile);
	profile_free(&profile);
	return rc;
}

void
run_job_free(struct run_job *job)
{
	while (job->set_count > 0)
		free(job->sets[--job->set_count]);
}
