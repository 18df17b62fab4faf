/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_SUPER_H
#define LOADTEST_LAB_SUPER_H

#include <stdio.h>

#include "loadtest/lab.h"

/*
 * The supervisor: starts the servers, waits until they answer, watches them until SIGINT, SIGTERM
 * or SIGHUP, takes them down, removes the directory. Runs in the calling process, which must be
 * single-threaded; blocks those signals and SIGCHLD. Deaths are reported on stderr.
 * `ready` is called once, when all servers answer; it may be NULL.
 */
struct lab_super_call {
	void (*ready)(struct lab *lab, void *arg);
	void *arg;
};

/* 0: was asked to end after it had been ready; -1: did not get ready (err). */
int lab_super_run(const struct lab_options *options, const struct lab_super_call *call,
		  struct err *err);

/* Name, what, address, pid, version, ready in ms; one line a server. */
void lab_print(struct lab *lab, FILE *out);

#endif
