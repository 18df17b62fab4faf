/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/process_kind.h"

/* A line through points, by least squares; t and y are less their first values. */
struct fit {
	double n, t, y, tt, ty, yy, t0, y0;
};

struct process {
	char name[SAMPLE_NAME_MAX];
	double from_t, to_t, from_cpu_s, to_cpu_s; /* first and last sample with it */
	double cpu_max, rss_max, rss_last;
	double point_t, point_cpu_s;	/* at the last point */
	double begun_cpu_s, done_cpu_s; /* at the first and the last completed call */
	struct fit rss;			/* between these */
	json_t *cpu_curve, *rss_curve;
};

/* A latency of the point that is being gathered. */
struct gathered {
	double count, p50_sum, p99, max;
};

enum curve {
	CURVE_T,
	CURVE_CALLS,
	CURVE_WAITING,
	CURVE_TALKING,
	CURVE_ARRIVED,
	CURVE_ANSWERED,
	CURVE_COMPLETED,
	CURVE_OFFER_P50,
	CURVE_OFFER_P99,
	CURVE_CONNECT_P50,
	CURVE_CONNECT_P99,
	CURVES
};

static const char *const curve_names[CURVES] = {"t",
						"calls",
						"waiting",
						"talking",
						"arrived_per_s",
						"answered_per_s",
						"completed_per_s",
						"offer_p50",
						"offer_p99",
						"connect_p50",
						"connect_p99"};

struct series {
	size_t every, count;
	json_t *curves[CURVES];
	struct gathered offer, connect;
	struct sample point; /* the last point's */
	struct process procs[SAMPLE_PROCS_MAX];
	size_t proc_count;
	double begun_t, done_t; /* samples with the first and the last completed call; 0: none */
	int64_t begun, done;	/* completed then */
};

struct series *
series_new(size_t every)
{
	struct series *s = mem_zero(sizeof(*s));
	int i;

	s->every = every > 0 ? every : 1;
	for (i = 0; i < CURVES; i++)
		s->curves[i] = json_array();
	return s;
}

void
series_free(struct series *s)
{
	size_t i;

	for (i = 0; i < CURVES; i++)
		json_decref(s->curves[i]);
	for (i = 0; i < s->proc_count; i++) {
		json_decref(s->procs[i].cpu_curve);
		json_decref(s->procs[i].rss_curve);
	}
	free(s);
}

static void
fit_add(struct fit *f, double t, double y)
{
	if (f->n == 0) {
		f->t0 = t;
		f->y0 = y;
	}
	t -= f->t0;
	y -= f->y0;
	f->n++;
	f->t += t;
	f->y += y;
	f->tt += t * t;
	f->ty += t * y;
	f->yy += y * y;
}

/* y per t, and its standard error; NAN from fewer than three points. */
static double
fit_slope(const struct fit *f, double *error)
{
	double stt = f->tt - f->t * f->t / f->n, sty = f->ty - f->t * f->y / f->n;
	double syy = f->yy - f->y * f->y / f->n, rest;

	*error = NAN;
	if (f->n < 3 || stt <= 0)
		return NAN;
	rest = syy - sty * sty / stt;
	*error = sqrt((rest > 0 ? rest : 0) / (f->n - 2) / stt);
	return sty / stt;
}

static void
gather(struct gathered *g, const struct sample_latency *l)
{
	g->count += (double)l->count;
	g->p50_sum += l->p50 * (double)l->count;
	g->p99 = l->p99 > g->p99 ? l->p99 : g->p99;
	g->max = l->max > g->max ? l->max : g->max;
}

static void
put(json_t *list, double value)
{
	json_array_append_new(list, isnan(value) ? json_null() : json_real(value));
}

static struct process *
process_of(struct series *s, const struct sample_proc *p, double t)
{
	struct process *row;
	size_t i;

	for (i = 0; i < s->proc_count; i++)
		if (strcmp(s->procs[i].name, p->name) == 0)
			return &s->procs[i];
	if (s->proc_count == SAMPLE_PROCS_MAX)
		return NULL;
	row = &s->procs[s->proc_count++];
	strcpy(row->name, p->name);
	row->from_t = row->point_t = t;
	row->from_cpu_s = row->point_cpu_s = p->cpu_s;
	row->cpu_curve = json_array();
	row->rss_curve = json_array();
	/* A curve has a point for each of "t", before the process was there, too. */
	for (i = json_array_size(s->curves[CURVE_T]); i > 0; i--) {
		json_array_append_new(row->cpu_curve, json_null());
		json_array_append_new(row->rss_curve, json_null());
	}
	return row;
}

static void
add_process(struct series *s, const struct sample *sample, const struct sample_proc *p)
{
	struct process *row = process_of(s, p, sample->t);

	if (row == NULL)
		return;
	row->to_t = sample->t;
	row->to_cpu_s = p->cpu_s;
	row->cpu_max = p->cpu > row->cpu_max ? p->cpu : row->cpu_max;
	row->rss_max = p->rss > row->rss_max ? p->rss : row->rss_max;
	row->rss_last = p->rss;
	if (s->begun_t == 0)
		return;
	if (row->rss.n == 0)
		row->begun_cpu_s = p->cpu_s;
	if (s->done_t == sample->t)
		row->done_cpu_s = p->cpu_s;
	fit_add(&row->rss, sample->t, p->rss);
}

static void
put_counts(struct series *s, const struct sample *now)
{
	double passed = now->t - s->point.t;
	const struct traffic_counts *n = &now->counts, *was = &s->point.counts;

	put(s->curves[CURVE_T], now->t);
	put(s->curves[CURVE_CALLS], (double)n->up);
	put(s->curves[CURVE_WAITING], (double)n->waiting);
	put(s->curves[CURVE_TALKING], (double)n->talking);
	put(s->curves[CURVE_ARRIVED], (double)(n->arrived - was->arrived) / passed);
	put(s->curves[CURVE_ANSWERED], (double)(n->answered - was->answered) / passed);
	put(s->curves[CURVE_COMPLETED], (double)(n->completed - was->completed) / passed);
}

static void
put_latency(struct series *s, enum curve p50, enum curve p99, struct gathered *g)
{
	put(s->curves[p50], g->count > 0 ? g->p50_sum / g->count : NAN);
	put(s->curves[p99], g->count > 0 ? g->p99 : NAN);
	*g = (struct gathered){0};
}

static void
put_processes(struct series *s, const struct sample *now)
{
	size_t i;

	for (i = 0; i < s->proc_count; i++) {
		struct process *row = &s->procs[i];
		bool there = sample_proc(now, row->name) != NULL && now->t > row->point_t;

		put(row->cpu_curve,
		    there ? (row->to_cpu_s - row->point_cpu_s) / (now->t - row->point_t) : NAN);
		put(row->rss_curve, there ? row->rss_last / 1e6 : NAN);
		row->point_t = now->t;
		row->point_cpu_s = row->to_cpu_s;
	}
}

void
series_add(struct series *s, const struct sample *sample)
{
	size_t i;

	if (sample->t <= s->point.t && s->count > 0)
		return;
	if (sample->counts.completed > 0 && s->begun_t == 0) {
		s->begun_t = sample->t;
		s->begun = sample->counts.completed;
	}
	if (sample->counts.completed > s->done) {
		s->done = sample->counts.completed;
		s->done_t = sample->t;
	}
	for (i = 0; i < sample->proc_count; i++)
		add_process(s, sample, &sample->procs[i]);
	gather(&s->offer, &sample->offer);
	gather(&s->connect, &sample->connect);
	if (++s->count % s->every != 0)
		return;
	put_counts(s, sample);
	put_latency(s, CURVE_OFFER_P50, CURVE_OFFER_P99, &s->offer);
	put_latency(s, CURVE_CONNECT_P50, CURVE_CONNECT_P99, &s->connect);
	put_processes(s, sample);
	s->point = *sample;
}

static json_t *
real(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *
process_json(const struct process *row)
{
	double passed = row->to_t - row->from_t, error, slope = fit_slope(&row->rss, &error);

	return json_pack("{s:o, s:f, s:f, s:f, s:o, s:o}", "cpu_mean",
			 real(passed > 0 ? (row->to_cpu_s - row->from_cpu_s) / passed : NAN),
			 "cpu_max", row->cpu_max, "cpu_s", row->to_cpu_s, "rss_max_mb",
			 row->rss_max / 1e6, "rss_slope_mb_per_h", real(slope * 3600 / 1e6),
			 "rss_slope_error", real(error * 3600 / 1e6));
}

static json_t *
cost_json(const struct series *s)
{
	json_t *cost = json_object(), *per_call = json_object();
	double us[PROCESS_KINDS] = {0};
	int64_t calls = s->done - s->begun;
	size_t i;

	for (i = 0; i < s->proc_count; i++)
		if (s->procs[i].done_cpu_s > 0)
			us[process_kind(s->procs[i].name)] +=
				(s->procs[i].done_cpu_s - s->procs[i].begun_cpu_s) * 1e6;
	for (i = 0; i < PROCESS_KINDS; i++)
		json_object_set_new(per_call, process_kind_names[i],
				    real(calls > 0 ? us[i] / (double)calls : NAN));
	json_object_set_new(cost, "from_s", json_real(s->begun_t));
	json_object_set_new(cost, "to_s", json_real(s->done_t));
	json_object_set_new(cost, "calls", json_integer(calls));
	json_object_set_new(cost, "us_per_call", per_call);
	return cost;
}

json_t *
series_json(struct series *s)
{
	json_t *series = json_object(), *cpu = json_object(), *rss = json_object(),
	       *processes = json_object();
	size_t i;

	for (i = 0; i < CURVES; i++)
		json_object_set(series, curve_names[i], s->curves[i]);
	for (i = 0; i < s->proc_count; i++) {
		json_object_set(cpu, s->procs[i].name, s->procs[i].cpu_curve);
		json_object_set(rss, s->procs[i].name, s->procs[i].rss_curve);
		json_object_set_new(processes, s->procs[i].name, process_json(&s->procs[i]));
	}
	json_object_set_new(series, "cpu", cpu);
	json_object_set_new(series, "rss_mb", rss);
	return json_pack("{s:o, s:o, s:o}", "series", series, "processes", processes, "cost",
			 cost_json(s));
}

static size_t
count_lines(FILE *in)
{
	size_t n = 0;
	int c;

	while ((c = getc(in)) != EOF)
		n += c == '\n';
	rewind(in);
	return n;
}

json_t *
series_load(const char *path)
{
	FILE *in = fopen(path, "re");
	struct sample sample;
	struct series *s;
	size_t size = 0;
	char *line = NULL;
	json_t *json;

	if (in == NULL)
		return NULL;
	s = series_new((count_lines(in) + SERIES_POINTS - 1) / SERIES_POINTS);
	while (getline(&line, &size, in) > 0)
		if (sample_parse(line, &sample))
			series_add(s, &sample);
	json = s->count > 0 ? series_json(s) : NULL;
	series_free(s);
	free(line);
	fclose(in);
	return json;
}
