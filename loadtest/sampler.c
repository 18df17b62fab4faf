/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"

int
sampler_open(struct sampler *s, const char *path, int64_t from_us, struct err *err)
{
	*s = (struct sampler){
		.out = fopen(path, "ae"), .from_us = from_us, .last_ms = clock_mono_ms()};
	return s->out != NULL ? 0 : err_set(err, "%s: %s", path, strerror(errno));
}

void
sampler_close(struct sampler *s)
{
	if (s->out != NULL)
		fclose(s->out);
	s->out = NULL;
}

void
sampler_begin(struct sampler *s, struct traffic *t)
{
	s->sample = (struct sample){.t = (double)(clock_wall_us() - s->from_us) / 1e6,
				    .counts = t->counts,
				    .offer = sample_latency(&t->offer),
				    .connect = sample_latency(&t->connect)};
	traffic_interval(t);
}

static struct sampler_proc *
known(struct sampler *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->proc_count; i++)
		if (strcmp(s->procs[i].name, name) == 0)
			return &s->procs[i];
	if (s->proc_count == SAMPLE_PROCS_MAX || strlen(name) >= SAMPLE_NAME_MAX)
		return NULL;
	strcpy(s->procs[s->proc_count].name, name);
	return &s->procs[s->proc_count++];
}

static void
take(struct sampler *s, const char *name, pid_t pid, const struct usage *now)
{
	int64_t passed_ms = clock_mono_ms() - s->last_ms, was;
	struct sampler_proc *p = known(s, name);

	if (p == NULL || s->sample.proc_count == SAMPLE_PROCS_MAX)
		return;
	was = p->used_us;
	if (p->pid != pid) {
		/* A process of before the run has used CPU that is not the run's. */
		p->pid = pid;
		p->base_us = p->used_us - now->cpu_us;
	}
	p->used_us = p->base_us + now->cpu_us;
	s->sample.procs[s->sample.proc_count] = (struct sample_proc){
		.cpu = passed_ms > 0 ? (double)(p->used_us - was) / 1000 / (double)passed_ms : 0,
		.cpu_s = (double)p->used_us / 1e6,
		.rss = (double)now->rss,
	};
	strcpy(s->sample.procs[s->sample.proc_count++].name, name);
}

void
sampler_proc(struct sampler *s, const char *name, pid_t pid)
{
	struct usage now;

	if (usage_read(pid, &now))
		take(s, name, pid, &now);
}

void
sampler_self(struct sampler *s, const char *name)
{
	struct usage now;

	if (usage_read_alone(getpid(), &now))
		take(s, name, getpid(), &now);
}

int
sampler_end(struct sampler *s, struct err *err)
{
	char *line = sample_text(&s->sample);
	bool good = fprintf(s->out, "%s\n", line) > 0 && fflush(s->out) == 0;

	free(line);
	s->last_ms = clock_mono_ms();
	return good ? 0 : err_set(err, "the samples can't be written: %s", strerror(errno));
}
