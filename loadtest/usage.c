/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/usage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 8 /* of a tree of processes; what lies deeper is not counted */
#define TEXT_MAX  8192

bool
usage_parse(const char *stat, int64_t tick_hz, int64_t page_bytes, struct usage *out)
{
	/* The name stands in brackets and may have any byte in it, brackets too. */
	const char *p = strrchr(stat, ')');
	int64_t user, system, children_user, children_system, threads, rss;

	if (p == NULL ||
	    sscanf(p + 1,
		   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNd64 " %" SCNd64 " %" SCNd64
		   " %" SCNd64 " %*d %*d %" SCNd64 " %*d %*u %*u %" SCNd64,
		   &user, &system, &children_user, &children_system, &threads, &rss) != 6)
		return false;
	*out = (struct usage){
		.cpu_us = (user + system) * (1000000 / tick_hz),
		.children_us = (children_user + children_system) * (1000000 / tick_hz),
		.rss = rss * page_bytes,
		.threads = threads,
	};
	return true;
}

static bool
read_proc(pid_t pid, const char *name, char out[TEXT_MAX])
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, out, TEXT_MAX - 1);
	close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Bytes of its memory that others have mapped as well. */
static int64_t
shared(pid_t pid, int64_t page_bytes)
{
	char text[TEXT_MAX];
	int64_t pages;

	if (!read_proc(pid, "statm", text) || sscanf(text, "%*d %*d %" SCNd64, &pages) != 1)
		return 0;
	return pages * page_bytes;
}

bool
usage_read_alone(pid_t pid, struct usage *out)
{
	char text[TEXT_MAX];

	return pid > 0 && read_proc(pid, "stat", text) &&
	       usage_parse(text, sysconf(_SC_CLK_TCK), sysconf(_SC_PAGESIZE), out);
}

static bool
add(pid_t pid, int depth, struct usage *sum)
{
	char text[TEXT_MAX], children[64], *p = text, *end;
	int64_t page = sysconf(_SC_PAGESIZE);
	struct usage one;
	long child;

	if (!usage_read_alone(pid, &one))
		return false;
	sum->cpu_us += one.cpu_us + one.children_us;
	sum->threads += one.threads;
	sum->rss += one.rss - (depth > 0 ? shared(pid, page) : 0);
	snprintf(children, sizeof(children), "task/%ld/children", (long)pid);
	if (depth == DEPTH_MAX || !read_proc(pid, children, text))
		return true;
	while ((child = strtol(p, &end, 10)) > 0 && end != p) {
		add((pid_t)child, depth + 1, sum);
		p = end;
	}
	return true;
}

bool
usage_read(pid_t pid, struct usage *out)
{
	*out = (struct usage){0};
	return add(pid, 0, out);
}
