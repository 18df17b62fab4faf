/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/sample.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* The counters by their names in the file. */
static const struct counter {
	const char *name;
	size_t offset; /* in struct traffic_counts */
} counters[] = {
	{"calls", offsetof(struct traffic_counts, up)},
	{"waiting", offsetof(struct traffic_counts, waiting)},
	{"talking", offsetof(struct traffic_counts, talking)},
	{"arrived", offsetof(struct traffic_counts, arrived)},
	{"answered", offsetof(struct traffic_counts, answered)},
	{"over", offsetof(struct traffic_counts, over)},
	{"completed", offsetof(struct traffic_counts, completed)},
	{"dropped", offsetof(struct traffic_counts, dropped)},
};

#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

static int64_t *
counter(struct traffic_counts *counts, size_t i)
{
	return (int64_t *)((char *)counts + counters[i].offset);
}

static json_t *
latency_json(const struct sample_latency *l)
{
	if (l->count == 0)
		return json_pack("{s:i}", "n", 0);
	return json_pack("{s:I, s:f, s:f, s:f}", "n", (json_int_t)l->count, "p50", l->p50, "p99",
			 l->p99, "max", l->max);
}

char *
sample_text(const struct sample *s)
{
	struct traffic_counts counts = s->counts;
	json_t *json = json_pack("{s:f}", "t", s->t), *procs = json_object();
	char *text;
	size_t i;

	for (i = 0; i < COUNTERS; i++)
		json_object_set_new(json, counters[i].name, json_integer(*counter(&counts, i)));
	json_object_set_new(json, "offer", latency_json(&s->offer));
	json_object_set_new(json, "connect", latency_json(&s->connect));
	for (i = 0; i < s->proc_count; i++)
		json_object_set_new(procs, s->procs[i].name,
				    json_pack("{s:f, s:f, s:I}", "cpu", s->procs[i].cpu, "cpu_s",
					      s->procs[i].cpu_s, "rss",
					      (json_int_t)s->procs[i].rss));
	json_object_set_new(json, "procs", procs);
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
	json_decref(json);
	return text;
}

static double
number(const json_t *json, const char *name)
{
	return json_number_value(json_object_get(json, name));
}

static struct sample_latency
take_latency(const json_t *json)
{
	return (struct sample_latency){.count = (int64_t)number(json, "n"),
				       .p50 = number(json, "p50"),
				       .p99 = number(json, "p99"),
				       .max = number(json, "max")};
}

bool
sample_parse(const char *line, struct sample *s)
{
	json_t *json = json_loads(line, 0, NULL), *procs = json_object_get(json, "procs"), *row;
	const char *name;
	size_t i;

	*s = (struct sample){.t = number(json, "t"),
			     .offer = take_latency(json_object_get(json, "offer")),
			     .connect = take_latency(json_object_get(json, "connect"))};
	for (i = 0; i < COUNTERS; i++)
		*counter(&s->counts, i) =
			json_integer_value(json_object_get(json, counters[i].name));
	json_object_foreach(procs, name, row)
	{
		struct sample_proc *p = &s->procs[s->proc_count];

		if (s->proc_count == SAMPLE_PROCS_MAX || strlen(name) >= SAMPLE_NAME_MAX)
			continue;
		*p = (struct sample_proc){.cpu = number(row, "cpu"),
					  .cpu_s = number(row, "cpu_s"),
					  .rss = number(row, "rss")};
		strcpy(p->name, name);
		s->proc_count++;
	}
	i = json_is_number(json_object_get(json, "t"));
	json_decref(json);
	return i != 0;
}

struct sample_latency
sample_latency(struct hist *h)
{
	return (struct sample_latency){.count = (int64_t)h->count,
				       .p50 = (double)hist_at(h, 0.5) / 1000,
				       .p99 = (double)hist_at(h, 0.99) / 1000,
				       .max = (double)hist_at(h, 1) / 1000};
}

const struct sample_proc *
sample_proc(const struct sample *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->proc_count; i++)
		if (strcmp(s->procs[i].name, name) == 0)
			return &s->procs[i];
	return NULL;
}
