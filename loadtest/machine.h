/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_MACHINE_H
#define LOADTEST_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadtest/profile.h"

/*
 * Whether this machine can take a run, before anything is started: what it lacks, and the command
 * that mends it. Figures of one call and one node were measured; they are in machine.c.
 */
struct machine {
	/* -1: unknown, or without a limit */
	int64_t open_files;	      /* of one process */
	int64_t pid_max, threads_max; /* of the machine; threads take process ids */
	int64_t user_max;	      /* of this user */
	int64_t group_max, group_now; /* of our control group */
	int64_t running;	      /* threads, now, of all */
	int64_t memory_mb;	      /* that can be had */
	int64_t disk_mb;	      /* free where the run's directory will be */
	int64_t own_ports_from;	      /* the kernel's range of ports that it gives away */
	int64_t labs;		      /* that run already, of this user */
	char lab[256];		      /* one of them */
};

struct machine_load {
	int64_t nodes;
	int64_t callers, legs; /* at once */
	int64_t calls;	       /* in all */
	bool own_lab;	       /* servers are to be started, too */
	bool messages;	       /* SIPp writes them all to files */
};

/* At least so many callers at once take the machine for themselves. */
#define MACHINE_ALONE 1000

/* dir: where the run's directory will be. */
void machine_look(struct machine *m, const char *dir);

struct machine_load machine_load_of(const struct profile *p, bool own_lab);

/* What a run leaves in its directory, at most: it is said before. */
int64_t machine_disk_mb(const struct machine_load *l);

/*
 * What is lacking, a line each; the caller frees it. NULL: nothing. Pure.
 */
char *machine_lacks(const struct machine *m, const struct machine_load *load);

#endif
