/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_DIR_H
#define LOADTEST_LAB_DIR_H

#include <stddef.h>

#include "lib/err.h"

/* Run directories of labs: private (0700), below one directory per user, one lab each. */

/* ${TMPDIR:-/tmp}/mqs-lab-<uid>, made when missing; refused when it is not ours alone. */
int lab_base_dir(char *out, size_t size, struct err *err);

/* Removes the directories below the base whose supervisor is dead; their servers died with it. */
void lab_dirs_sweep(void);

/*
 * Makes the directory of a new lab: `wanted`, or a new one below the base. An existing directory is
 * taken only when it is empty or left by a dead lab. The absolute path goes to out (LAB_PATH_MAX).
 */
int lab_dir_make(const char *wanted, char *out, struct err *err);

/*
 * The directory that status, logs and down mean: `wanted`, or the only lab below the base.
 */
int lab_dir_find(const char *wanted, char *out, struct err *err);

/* Calls fn for each lab directory below the base, in order of name. */
void lab_dirs_each(void (*fn)(const char *dir, void *arg), void *arg);

/* Removes a tree, following no links. */
void lab_dir_remove(const char *dir);

#endif
