/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_INSPECT_H
#define MQSD_INSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "mqsd/preflight.h"

struct conf;
struct redis;
struct redis_server;
struct script;

/*
 * Looks at a Redis before the pool is opened under it, and again now and then: PING, INFO, CONFIG
 * GET and the rehearsal of our commands. What preflight finds is logged when it is new, and kept
 * for the API.
 */
struct inspect;

/*
 * fit: all was answered and nothing forbids to use it. Otherwise what is wrong is a trouble of the
 * server. Called once per start, later.
 */
typedef void inspect_cb(void *arg, bool fit);

/* rehearse: the script of that name; prefix: of the pool's keys. All are borrowed. */
struct inspect *inspect_new(const struct conf *conf, struct redis *redis,
			    struct redis_server *server, const struct script *rehearse,
			    const char *prefix, inspect_cb *cb, void *arg);
void inspect_start(struct inspect *inspect); /* while one is under way: that one serves */
void inspect_free(struct inspect *inspect);  /* after its connection */

const char *inspect_run_id(const struct inspect *inspect);

/* What the last complete one found. */
const struct preflight_finding *inspect_findings(const struct inspect *inspect, size_t *count);

#endif
