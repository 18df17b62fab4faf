/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_WITNESS_NODE_H
#define LOADTEST_WITNESS_NODE_H

#include <jansson.h>
#include <stdint.h>

#include "loadtest/evidence.h"

/*
 * What a node's lists say. Pure. ARI's replies are first cut down to one short line of JSON
 * {"at":µs,"node":"a1","channels":[{"sip","call","bridge"}],"bridges":[id]}, which is what a run
 * keeps.
 */

/* channels, bridges: bodies of GET /channels and GET /bridges. The caller frees the line. */
char *witness_node_brief(int64_t at, const char *node, const json_t *channels,
			 const json_t *bridges);

/* Returns how many channels the line shows, -1 when it is broken. */
int witness_node_line(struct evidence *e, const char *line);

#endif
