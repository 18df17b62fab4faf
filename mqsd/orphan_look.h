/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_ORPHAN_LOOK_H
#define MQSD_ORPHAN_LOOK_H

#include <jansson.h>

struct ari_http;
struct conf;
struct conf_node;
struct loop;
struct orphan_look;
struct pool;

/*
 * Looks for channels and bridges on a node that belong to no call of the pool's: its lists first,
 * then the records; and once more a moment later when there seem to be any. A node or a pool that
 * gives no answer ends it without a finding: others tell of that.
 */
typedef void orphan_look_cb(void *arg);

/* The callback comes once, later, and frees it. What it is given must outlive it. */
struct orphan_look *orphan_look_start(struct loop *loop, struct ari_http *http, struct pool *pool,
				      const struct conf *conf, const struct conf_node *node,
				      json_t *findings, orphan_look_cb *cb, void *arg);
/* Before its callback; after ari_http_free() and pool_free(). */
void orphan_look_free(struct orphan_look *look);

#endif
