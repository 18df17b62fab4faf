/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_NODE_WATCH_H
#define LOADTEST_NODE_WATCH_H

#include <jansson.h>
#include <stdint.h>

/*
 * A node's lists, look by look, cut down to what has changed: a node with 700 channels is asked
 * every ten seconds for ten hours. Pure. What a look is written as, one short line of JSON:
 *
 *   {"at":µs,"node":"a1",
 *    "channels":[{"sip","call","bridge"}], "gone":[sip],     those that are new or have changed
 *    "bridges":[id], "bridges_gone":[id]}
 *
 * What a line doesn't name is as the node's line before it said. witness_node.h reads them.
 */
struct node_item;

struct node_watch {
	struct node_item *channels, *bridges; /* of the last look */
	uint64_t looks;
};

/* channels, bridges: bodies of GET /channels and GET /bridges. The caller frees the line. */
char *node_watch_line(struct node_watch *w, int64_t at, const char *node, const json_t *channels,
		      const json_t *bridges);

void node_watch_close(struct node_watch *w);

#endif
