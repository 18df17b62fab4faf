/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHECK_H
#define LOADTEST_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/checker.h"
#include "lib/err.h"
#include "loadtest/dump.h"
#include "loadtest/lab.h"

/* The invariant checker (lib/checker.h) at work on servers: the event stream, a recount of Redis,
 * the nodes' lists. */
struct check {
	struct checker *checker;
	const char *pool; /* borrowed */
	int64_t from_ms;  /* violations of before are not told nor counted: another run's */
	void (*told)(void *arg, const struct checker_violation *v); /* NULL: only counted */
	void (*saw)(void *arg, const json_t *nodes); /* what a look read of the nodes, or NULL */
	void *arg;
	uint64_t violations;
	bool streams;		/* events are read from Redis */
	char last[DUMP_ID_MAX]; /* the newest of them */
};

void check_open(struct check *check, const char *pool);
void check_close(struct check *check);

/* "violation: order: agent 1001 is ... (event 1795435200123-0, 12:00:00.123)"; the caller frees it.
 */
char *check_text(const char *rule, const char *event, int64_t at_ms, const char *text);

/* The same as a line. */
void check_print(FILE *out, const char *rule, const char *event, int64_t at_ms, const char *text);

/* Where the checker finds Redis and the nodes. */
struct check_place {
	const struct lab *lab; /* NULL: only Redis */
	const char *redis;     /* address; NULL: the lab's master */
};

/* Reads the stream as far as it goes. */
int check_stream(struct check *check, const struct check_place *place, struct err *err);

/* One look at Redis and the nodes; -1 with err when Redis does not answer, no violation in itself.
 */
int check_look(struct check *check, const struct check_place *place, struct err *err);

/* Which calls are looked at, where others have calls, too: by mqsd's id or a Call-ID. */
struct check_calls {
	bool (*is_ours)(void *arg, const char *id);
	void *arg;
};

/*
 * The last look, when every call is over: what is on its way out is waited for, wait_ms at most,
 * but longer for what only Kamailio still has; what is left then are violations. calls NULL: there
 * are no others'.
 */
int check_end(struct check *check, const struct check_place *place, const struct check_calls *calls,
	      int64_t wait_ms, struct err *err);

#endif
