/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_DUMP_H
#define LOADTEST_DUMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "loadtest/lab.h"

/*
 * What the servers hold, read past mqsd: for lib/checker.h. Blocking, each step with a deadline.
 * Only for tests: the recount looks at every key of Redis in one step, which takes it 10 us a call
 * or agent (measured), in which it serves nobody else.
 */
struct dump;

#define DUMP_MS 5000

extern const char *const dump_recount_script; /* loadtest/recount.lua */

/* address: HOST:PORT or unix:PATH. NULL with err when Redis does not answer. */
struct dump *dump_open(const char *address, const char *pool, struct err *err);
void dump_close(struct dump *dump);

/* The lab's master, of all its Redis that answer; "" and -1 with err when there is none. */
int dump_master(const struct lab *lab, char out[LAB_TEXT_MAX], struct err *err);

/*
 * Recounts the pool; the caller owns the JSON. blind: see the script. NULL with err when Redis does
 * not answer; a pool that cannot be recounted is one with a fault.
 */
json_t *dump_redis(struct dump *dump, bool blind, struct err *err);

/*
 * Calls `event` for each event of the pool's stream behind *last, and sets it to the newest
 * (DUMP_ID_MAX bytes, "0-0" at first). Returns how many, -1 with err.
 */
#define DUMP_ID_MAX 48
typedef void dump_event_cb(void *arg, const char *id, const json_t *event);
int dump_events(struct dump *dump, char last[DUMP_ID_MAX], dump_event_cb *event, void *arg,
		struct err *err);

/* [{name, channels, bridges}] of the lab's nodes that answer; the caller owns it. */
json_t *dump_nodes(const struct lab *lab);

/* [Call-ID] of the dialogs in Kamailio that have not ended; NULL when it does not say. The caller
 * owns it. */
json_t *dump_dialogs(const struct lab *lab);

/* How many transactions Kamailio works at, finished ones that it has not forgotten yet left out; 0
 * also when it does not say. */
int64_t dump_transactions(const struct lab *lab);

#endif
