/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SIPP_H
#define LOADTEST_SIPP_H

#include <stddef.h>

#include "lib/err.h"
#include "loadtest/proc.h"
#include "loadtest/witness_sipp.h"

/* A SIPp process. It ends when it is stopped, when its calls are over, or when we end. */
struct sipp {
	struct proc proc;
};

/* What the names of a role's processes begin with: "callers", "agents", "register", "unregister".
 */
const char *sipp_name(enum sipp_role role);

/* Returns when the program runs. dir: absolute, where it reads and writes; NAME.out is its screen.
 */
int sipp_start(struct sipp *s, char *const *argv, const char *dir, const char *name,
	       struct err *err);

/* "3.6.1", from `sipp -v`. Returns out, "" when there is none. */
char *sipp_version(char *out, size_t size);

#endif
