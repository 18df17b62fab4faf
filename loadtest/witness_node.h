/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_WITNESS_NODE_H
#define LOADTEST_WITNESS_NODE_H

#include <stdint.h>

#include "loadtest/evidence.h"

/* What the nodes' lists say, from the lines that node_watch.h makes of them. Pure. */

/* Returns how many channels the line shows anew, -1 when it is broken. */
int witness_node_line(struct evidence *e, const char *line);

#endif
