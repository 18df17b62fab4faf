/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SIPP_H
#define LOADTEST_SIPP_H

#include <stdint.h>

#include "lib/err.h"
#include "loadtest/proc.h"
#include "loadtest/witness_sipp.h"

/* The SIPp processes of a run. Files in DIR: <name>.xml, and SIPp writes <name>.log, .err and .out.
 */
struct sipp {
	struct proc proc;
	const char *name; /* "callers", "agents", "register" */
};

struct sipp_spec {
	enum sipp_role role;
	const char *dir;      /* absolute */
	const char *scenario; /* file in dir */
	const char *csv;      /* file in dir */
	const char *host;     /* the address to speak from */
	const char *remote;   /* host:port; NULL: waits for calls */
	int port, control_port, media_port;
	double rate;   /* calls per second, when remote is set */
	int64_t calls; /* and their number */
};

/* The files' stem of a role. */
const char *sipp_name(enum sipp_role role);

/* Returns when the program runs. It ends when it is stopped, when its calls are over, or when we
 * end. */
int sipp_start(struct sipp *s, const struct sipp_spec *spec, struct err *err);

/* "3.6.1", from `sipp -v`. Returns out, "" when there is none. */
char *sipp_version(char *out, size_t size);

#endif
