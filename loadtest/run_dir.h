/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_RUN_DIR_H
#define LOADTEST_RUN_DIR_H

#include <limits.h>
#include <stdbool.h>

#include "lib/err.h"

/*
 * Makes the directory of a run: `wanted`, which must not exist yet; or a new one named after `name`
 * in `below`, which is made, too; or, both NULL, one among the temporary ones. Its absolute path
 * goes to out.
 */
int run_dir_make(const char *wanted, const char *below, const char *name, char out[PATH_MAX],
		 struct err *err);

/* Puts the servers' logs, the files in `logs`, into log/ of the directory. move: out of where they
 * are; who has one open goes on writing to it. */
int run_dir_take_logs(const char *dir, const char *logs, bool move, struct err *err);

#endif
