/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_SCENARIO_H
#define LOADTEST_SCENARIO_H

#include <stddef.h>

#include "lib/err.h"

/*
 * A SIPp scenario from its template in scenarios/: @SDP@ becomes the session description with its
 * headers, @REPLY@ what a reply repeats of its request; another @NAME@ (capitals and _) is an
 * error.
 */

/* Pure. The caller frees the text; NULL with err. */
char *scenario_fill(const char *template, struct err *err);

/* Reads DIR/NAME, fills it, writes OUT. */
int scenario_write(const char *dir, const char *name, const char *out, struct err *err);

/* Where the templates are: beside the source tree's build/, or installed. Returns out or NULL with
 * err. */
char *scenario_dir(char *out, size_t size, struct err *err);

/* A whole file. The caller frees it; NULL with err. write: 0 or -1 with err; a secret's new file is
 * for its owner alone. */
char *scenario_read_file(const char *path, struct err *err);
int scenario_write_file(const char *path, const char *text, struct err *err);
int scenario_write_secret(const char *path, const char *text, struct err *err);

#endif
