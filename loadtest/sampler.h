/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SAMPLER_H
#define LOADTEST_SAMPLER_H

#include <stdint.h>
#include <stdio.h>

#include "lib/err.h"
#include "loadtest/sample.h"
#include "loadtest/usage.h"

/*
 * Takes samples of a run and writes them down, a line each: about 1.5 kB with twenty processes, so
 * 5 MB for an hour at one a second.
 */
struct sampler_proc {
	char name[SAMPLE_NAME_MAX];
	pid_t pid;
	int64_t used_us; /* CPU since the run began, of all processes that had the name */
	int64_t base_us; /* that, less what the process of now says of itself */
};

struct sampler {
	FILE *out;
	int64_t from_us; /* wall: t = 0 */
	int64_t last_ms; /* mono, of the last sample */
	struct sampler_proc procs[SAMPLE_PROCS_MAX];
	size_t proc_count;
	struct sample sample; /* being taken, then the last one */
};

int sampler_open(struct sampler *s, const char *path, int64_t from_us, struct err *err);
void sampler_close(struct sampler *s);

/* Begins a sample: now, with what the traffic is; ends the interval of its latencies. */
void sampler_begin(struct sampler *s, struct traffic *t);

/* What that process costs, with all that it started. A pid of 0: it does not run now. */
void sampler_proc(struct sampler *s, const char *name, pid_t pid);

/* What we cost, without all that we started. */
void sampler_self(struct sampler *s, const char *name);

/* Writes it. -1 with err when that can't be done. */
int sampler_end(struct sampler *s, struct err *err);

#endif
