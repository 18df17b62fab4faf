/* SPDX-License-Identifier: BSD-2-Clause */

/* What a run shows and writes down of itself while it goes on. */

#include <math.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "loadtest/dossier.h"
#include "loadtest/plan.h"
#include "loadtest/run.h"

#define SAMPLE_MS      1000
#define LONG_SAMPLE_MS 10000
#define LONG_S	       3600 /* runs that are expected to take longer are sampled less often */

int
run_watch_open(struct run *r, struct err *err)
{
	struct rests rests;
	char *path = mem_printf("%s/" DOSSIER_SAMPLES, r->dir);
	int rc = sampler_open(&r->sampler, path, r->from_us, err);

	free(path);
	rests_of_profile(&rests, r->profile);
	traffic_open(&r->traffic, &rests);
	display_open(&r->display, stderr);
	return rc;
}

void
run_watch_close(struct run *r)
{
	sampler_close(&r->sampler);
	traffic_close(&r->traffic);
	display_close(&r->display);
}

static void
sample_procs(struct run *r)
{
	struct err ignored;
	struct lab_server *s;
	struct lab lab;
	int i;

	if (lab_load(r->lab.dir, &lab, &ignored) == 0)
		for (i = 0; (s = lab_server_at(&lab, i)) != NULL; i++)
			sampler_proc(&r->sampler, s->name, s->pid);
	for (i = 0; i < r->kit.count; i++)
		if (r->sipps[i].started && !r->sipps[i].sipp.proc.ended)
			sampler_proc(&r->sampler, r->kit.rows[i].name, r->sipps[i].sipp.proc.pid);
	sampler_self(&r->sampler, "loadtest");
	sampler_proc(&r->sampler, "recorder", r->recorder.pid);
}

int
run_sample(struct run *r, struct err *err)
{
	int64_t every = plan_expected_s(r->profile) > LONG_S ? LONG_SAMPLE_MS : SAMPLE_MS;

	if (clock_mono_ms() - r->sampler.last_ms < every)
		return 0;
	sampler_begin(&r->sampler, &r->traffic);
	sample_procs(r);
	display_take(&r->display, &r->sampler.sample);
	return sampler_end(&r->sampler, err);
}

/* Where a time ends the run, nobody knows before how many calls it comes to. */
static double
done(const struct run *r, double elapsed_s, double expected_s)
{
	double of_calls = (double)r->traffic.counts.over / (double)r->calls;
	bool timed = r->profile->duration_s > 0 && r->last_call_ms == 0;

	return timed && expected_s > 0 ? fmax(of_calls, elapsed_s / expected_s) : of_calls;
}

void
run_show(struct run *r, bool always)
{
	double expected_s = (double)plan_expected_s(r->profile), elapsed_s = 0;
	struct view view = {
		.name = r->profile->name,
		.expected_s = expected_s,
		.counts = r->traffic.counts,
		.sample = &r->sampler.sample,
	};

	if (r->first_call_ms != 0)
		elapsed_s = (double)(clock_mono_ms() - r->first_call_ms) / 1000;
	view.elapsed_s = elapsed_s;
	view.done = done(r, elapsed_s, expected_s);
	display_show(&r->display, &view, always);
}
