/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_NODE_CHECK_H
#define MQSD_NODE_CHECK_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct ari_http;
struct conf;
struct conf_node;
struct node_check;

/*
 * Asks a node, whoever owns it, whether it is as mqsd needs it: is ARI there and lets us in, its
 * version, the rights of our user, its clock, modules, dialplan, the endpoint to Kamailio, and
 * whether an mqsd follows its events. It only reads; what is written is the hang-up of a channel
 * that no node has.
 */

/* All is answered or given up: findings were added. */
typedef void node_check_cb(void *arg);

/* conf must outlive it, and the strings of node. The callback comes once, never from within, and
 * frees it. */
struct node_check *node_check_start(struct ari_http *http, const struct conf *conf,
				    const struct conf_node *node, json_t *findings,
				    node_check_cb *cb, void *arg);
void node_check_free(struct node_check *check); /* after ari_http_free(), before its callback */

/* Modules without which a node is none of MQS; ends with NULL. */
extern const char *const node_check_modules[];

/* For the tests: what an answer adds to the findings (about "node a1"). `ms`: of the way there and
 * back, ended at wall time `now`. */
struct node_answer {
	long status; /* as of ari_http.h */
	const json_t *body;
	const char *why;
	int64_t now, ms;
};
void node_check_judge(json_t *findings, const struct conf *conf, const struct conf_node *node,
		      size_t question, const struct node_answer *answer);
extern const size_t node_check_questions; /* question 0 must be answered well for the others */

#endif
