/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_ARI_H
#define LOADTEST_ARI_H

#include <jansson.h>

#include "lib/err.h"
#include "loadtest/lab.h"

/*
 * Reads a list of a node, "channels" or "bridges", over ARI. Blocks for at most ARI_MS. Returns an
 * array that the caller owns (json_decref), or NULL with err.
 */
#define ARI_MS 2000
json_t *ari_list(const struct lab_node *node, const char *what, struct err *err);

#endif
