/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The verdict so far. Every call is judged anew, which takes seconds when there are hundreds of
 * thousands: so it is done by a child, on the memory as it was, with what the machine has to spare.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/dossier.h"
#include "loadtest/drop_file.h"
#include "loadtest/judge.h"
#include "loadtest/proc.h"
#include "loadtest/run.h"
#include "loadtest/tracer_plan.h"

#define CHECKPOINT_MS 60000
#define NICE	      19
#define LAST_MS	      60000 /* for one that is under way to end, and for the last one */
#define WAIT_MS	      20

/* Of the child; the run's files stay the run's. */
static int
judge_so_far(struct run *r)
{
	struct judge j = {.evidence = r->live};
	char *path = mem_printf("%s/" DOSSIER_META, r->dir);
	struct err err;
	json_t *report;
	int rc;

	evidence_looked(&j.evidence);
	checker_figures(r->check.checker, &j.evidence.checked);
	j.evidence.mqsd_heard = true;
	j.meta = json_load_file(path, 0, NULL);
	if (j.meta == NULL)
		return 1;
	free(path);
	path = mem_printf("%s/" DOSSIER_REPORT, r->dir);
	if (r->companion != NULL)
		json_object_set_new(j.meta, r->companion->name,
				    r->companion->tell(r->companion->arg));
	if (r->all_over)
		json_object_set_new(j.meta, "complete", json_true());
	judge_reach(&j, r->dir);
	report = judge_report(&j, r->dir);
	rc = report_write(report, path, &err);
	drop_file_write(r->dir, &r->tracer, &j.evidence, &j.verdict);
	json_decref(report);
	free(path);
	return rc != 0;
}

static bool
is_over(struct run *r)
{
	if (r->checkpoint != 0 && waitpid(r->checkpoint, NULL, WNOHANG) == r->checkpoint)
		r->checkpoint = 0;
	return r->checkpoint == 0;
}

static void
start(struct run *r)
{
	pid_t parent = getpid();

	r->checkpoint = fork();
	if (r->checkpoint < 0)
		r->checkpoint = 0; /* the next one may come about */
	if (r->checkpoint != 0 || getpid() == parent)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	setsid();
	proc_nice(NICE);
	_exit(getppid() == parent ? judge_so_far(r) : 1);
}

void
run_checkpoint(struct run *r)
{
	int64_t now = clock_mono_ms();

	tracer_step(&r->tracer);
	if (r->first_call_ms == 0 || now - r->first_call_ms < CHECKPOINT_MS ||
	    now - r->checkpoint_ms < CHECKPOINT_MS || !is_over(r))
		return;
	r->checkpoint_ms = now;
	start(r);
}

/* False: it is not over yet. */
static bool
wait_over(struct run *r)
{
	const struct timespec pause = {.tv_nsec = WAIT_MS * 1000000L};
	int64_t by = clock_mono_ms() + LAST_MS;

	while (!is_over(r)) {
		if (clock_mono_ms() >= by)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

void
run_checkpoint_last(struct run *r)
{
	double held_s;
	bool full;

	/* One that began before the calls were over does not have them all. */
	if (r->first_call_ms == 0 || !wait_over(r))
		return;
	tracer_step(&r->tracer);
	held_s = tracer_held_s(&r->tracer, &full);
	if (full && held_s < TRACER_PLAN_NEED_S) {
		display_clear(&r->display);
		fprintf(stderr,
			"loadtest: SIP messages were kept for %.0f s only; those of a dropped call "
			"may be missing: --set trace_mb=N, above %lld\n",
			held_s, (long long)r->profile->trace_mb);
	}
	r->all_over = true;
	start(r);
	wait_over(r);
}

void
run_checkpoint_close(struct run *r)
{
	if (r->checkpoint == 0)
		return;
	kill(r->checkpoint, SIGKILL);
	while (waitpid(r->checkpoint, NULL, 0) < 0 && errno == EINTR)
		;
	r->checkpoint = 0;
}
