/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_PROBE_H
#define LOADTEST_LAB_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * One question to a server, to see whether it answers rightly. Blocks for at most
 * LAB_ASK_MS (lab_ask.h). Each returns true for the right answer; `version`
 * (LAB_TEXT_MAX bytes) is set then, and `why` (LAB_TEXT_MAX bytes) otherwise.
 */

/* address: "127.0.0.1:port". A replica is to have its master's data. */
bool probe_redis(const char *address, char *version, char *why);

/* Whether it is a master, and with how many replicas. False: it did not say. */
bool probe_redis_role(const char *address, bool *master, int *replicas);

/* FLUSHALL. */
bool probe_redis_flush(const char *address);

/* It knows of that many replicas and Sentinels, itself included. */
bool probe_sentinel(const char *address, int replicas, int sentinels, char *version, char *why);

/* An OPTIONS over UDP gets a 200, JSON-RPC answers, and `nodes` dispatcher targets are active. */
bool probe_kamailio(const char *sip, const char *rpc, int nodes, char *version, char *why);

/* Its answer to a method without parameters; the caller owns it. NULL with why. */
json_t *probe_kamailio_rpc(const char *url, const char *method, char *why);

/* url: "http://127.0.0.1:port"; ARI answers 503 until Asterisk is fully booted. */
bool probe_asterisk(const char *url, const char *user, const char *password, char *version,
		    char *why);

/* mqsd's health on its Unix socket: it has Redis, its pool is ready, and `nodes` nodes are up. */
bool probe_mqsd(const char *socket, int nodes, char *version, char *why);

/* What it says of the nodes, each with name, state and owner; the caller owns it. NULL with why. */
json_t *probe_mqsd_list(const char *socket, char *why);

/* The same but for the nodes; *up: how many it has. */
bool probe_mqsd_nodes(const char *socket, int *up, char *version, char *why);

#endif
