/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SAMPLE_H
#define LOADTEST_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadtest/hist.h"
#include "loadtest/traffic.h"

/*
 * How a run stood at one moment: a line of JSON in samples.jsonl.
 *
 *   {"t": s since the run began, "calls", "waiting", "talking": now, "arrived", "answered",
 *    "over", "completed", "dropped": since the beginning, "offer", "connect": {"n", "p50", "p99",
 *    "max" in ms, of the interval; no figures when n is 0}, "procs": {NAME: {"cpu": cores in the
 *    interval, "cpu_s": s since the beginning, "rss": bytes}}}
 */
#define SAMPLE_PROCS_MAX 96 /* servers, SIPps and loadtest; more are left out */
#define SAMPLE_NAME_MAX	 32

struct sample_latency {
	int64_t count;
	double p50, p99, max; /* ms */
};

struct sample_proc {
	char name[SAMPLE_NAME_MAX];
	double cpu;   /* cores */
	double cpu_s; /* s */
	double rss;   /* bytes */
};

struct sample {
	double t; /* s */
	struct traffic_counts counts;
	struct sample_latency offer, connect;
	struct sample_proc procs[SAMPLE_PROCS_MAX];
	size_t proc_count;
};

/* Without an end of line; the caller frees it. */
char *sample_text(const struct sample *s);

/* False for a line that is broken; *s is undefined then. */
bool sample_parse(const char *line, struct sample *s);

/* Sorts it. */
struct sample_latency sample_latency(struct hist *h);

/* NULL: it has none of that name. */
const struct sample_proc *sample_proc(const struct sample *s, const char *name);

#endif
