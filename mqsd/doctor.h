/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_DOCTOR_H
#define MQSD_DOCTOR_H

#include <jansson.h>

struct ari_http;
struct conf;
struct inspect;
struct kamailio;
struct loop;
struct pool;
struct redis_server;

/*
 * Asks the servers that mqsd works with, now, and says what is wrong with them (finding.h): this
 * process' limits, each node (node_check.h) and the channels on it that are nobody's, Kamailio's
 * dispatcher and registrations. It serves `mqsctl doctor` and `node check`, and without a pool
 * `mqsd -d` (doctor_alone.h).
 */
struct doctor;

/* All is borrowed; pool is NULL where there is none. */
struct doctor *doctor_new(struct loop *loop, const struct conf *conf, struct ari_http *http,
			  struct kamailio *kamailio, struct pool *pool);
void doctor_free(struct doctor *d); /* after ari_http_free() and pool_free(); no callback comes */

/* findings: the caller's to keep (json_incref). */
typedef void doctor_cb(void *arg, json_t *findings);

/*
 * Looks at everything, or with `node` (one of conf's) at that node alone. nodes and agents are the
 * items of nodes_read and the rows of view_agent (borrowed), NULL where they are not known: then
 * what is held against them is left out. The callback comes once, later.
 */
void doctor_look(struct doctor *d, const char *node, json_t *nodes, json_t *agents, doctor_cb *cb,
		 void *arg);

/* What the last inspection of Redis found, and what is wrong with the way there. */
void doctor_redis(json_t *findings, const struct redis_server *server,
		  const struct inspect *inspect);

#endif
