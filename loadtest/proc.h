/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PROC_H
#define LOADTEST_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/err.h"

/*
 * A server process that leaves nothing behind. Between us and the server stands a guard: a child
 * of ours that is told by the kernel when we die (however we die), adopts whatever the server
 * forks and loses, and ends all of it before it ends itself. Works for any user, without
 * namespaces.
 *
 *   we ── guard (own session, subreaper, SIGTERM when we die) ── server ── its workers
 */
struct proc {
	pid_t guard; /* 0: not started, or gone and reaped */
	pid_t pid;   /* the server; 0 once it has ended */
	int fd;	     /* the guard's reports; poll it for reading; -1: closed */
	bool ended;  /* the server has ended; `status` says how */
	int status;  /* as from waitpid() */
};

struct proc_spec {
	char *const *argv; /* argv[0] is looked up in PATH */
	const char *dir;   /* working directory, NULL: ours */
	const char *log;   /* appended to; NULL: our stderr takes its output */
	const int *netns;  /* descriptor of the network namespace to run in; NULL: ours */
	int nice;	   /* below 0: before others, where we may ask for that */
};

/*
 * For what does little and holds everybody up, on a machine that the nodes keep busy: mqsd and the
 * servers between it and the phones, and SIPp, which is the stopwatch.
 */
#define PROC_NICE_FIRST (-10)

/*
 * Sets how nice the caller is, and its session: Linux weighs sessions first and processes within
 * one after (autogroup, sched(7)). Below 0 only root may; without, it stays as it is.
 */
void proc_nice(int nice);

/* Returns when the program runs, or -1 with err when it can't be executed. */
int proc_start(struct proc *p, const struct proc_spec *spec, struct err *err);

/* Takes the guard's news without waiting: sets `ended`, `status` and, when all is gone, guard = 0.
 */
void proc_update(struct proc *p);

/* Asks the guard to end the server: SIGTERM, after PROC_GRACE_MS SIGKILL, to all its descendants.
 */
#define PROC_GRACE_MS 3000
void proc_stop(struct proc *p);

/* A signal to the server and all that descends from it, without the guard's doing. */
void proc_signal(const struct proc *p, int sig);

/* Waits until server and guard are gone. False at the deadline. */
bool proc_wait(struct proc *p, long deadline_ms);

/* "signal 9 (Killed)" or "status 1". Returns out. */
char *proc_status_text(int status, char *out, size_t size);

/* Start time of a process in clock ticks after boot; 0 when there is none or it is a zombie. */
unsigned long long proc_start_time(pid_t pid);

#endif
