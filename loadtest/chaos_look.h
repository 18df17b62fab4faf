/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHAOS_LOOK_H
#define LOADTEST_CHAOS_LOOK_H

#include "loadtest/lab.h"

/* How the lab is doing, seen from outside. Servers that a fault holds down are left out. */

/*
 * Whether the service is whole: each mqsd has Redis and its pool, together they have each node, and
 * Kamailio answers. why (LAB_TEXT_MAX) says what is missing.
 */
bool chaos_look_serves(struct lab *lab, char *why);

/* Whether all servers are as they were when the lab had come up, replicas and Sentinels included.
 */
bool chaos_look_whole(struct lab *lab, char *why);

/* The Redis that takes the writes, or one that follows it; "": none is to be found now. */
const char *chaos_look_redis(struct lab *lab, bool master);

/* The writes' Redis forgets everything. */
int chaos_look_flush(struct lab *lab, struct err *err);

#endif
