/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_USAGE_H
#define LOADTEST_USAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a process costs, from /proc. */
struct usage {
	int64_t cpu_us;	     /* user and system */
	int64_t children_us; /* of its children that have ended */
	int64_t rss;	     /* bytes */
	int64_t threads;
};

/* The text of /proc/PID/stat. Pure; false when it is none. */
bool usage_parse(const char *stat, int64_t tick_hz, int64_t page_bytes, struct usage *out);

/*
 * Of a process and all that descends from its main thread: Kamailio's workers, Redis while it
 * saves. What they share is counted once. False when there is no such process.
 */
bool usage_read(pid_t pid, struct usage *out);

/* Of that process alone, without children that have ended. */
bool usage_read_alone(pid_t pid, struct usage *out);

#endif
