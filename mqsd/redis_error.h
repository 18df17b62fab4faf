/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_REDIS_ERROR_H
#define MQSD_REDIS_ERROR_H

#include <stddef.h>

/*
 * What can be wrong with Redis, one row each: how it is known, what mqsd does, what its log says
 * once and its API as long as it lasts. Whatever the row: nothing is decided, a call's job stays
 * the first of its call and is done again, so nothing is lost (call_job.c). Redis checks before a
 * script's first write only, so after an error reply of these none of it was done; the one
 * exception is NOPERM, which is why pool_open rehearses every command first.
 */
enum redis_remedy {
	REDIS_WAIT,  /* the connection is good; the pool is closed and opened again every second */
	REDIS_AGAIN, /* the connection is made anew: AUTH and ROLE are asked again */
	REDIS_RESOLVE, /* no master any more: all connections anew, where the Sentinels say */
};

struct redis_error {
	const char *says; /* how its reply begins; NULL: not said by Redis but found by us */
	const char *code; /* in the API */
	enum redis_remedy remedy;
	const char *text; /* "Redis at ADDRESS ..." */
	const char *hint; /* what to do */
};

/* Rows that are found by us. */
enum {
	REDIS_ERROR_AWAY,    /* no connection, or no answer in time */
	REDIS_ERROR_NOBODY,  /* no Sentinel names a master */
	REDIS_ERROR_UNFIT,   /* preflight refuses it */
	REDIS_ERROR_UNSURE,  /* there may be another master, see pool_doubt() */
	REDIS_ERROR_FOREIGN, /* whatever listens there, it is no Redis that we can use */
};

extern const struct redis_error redis_errors[];
extern const size_t redis_error_count;

/* The row of an error reply's text, or NULL: then it is about that one command. */
const struct redis_error *redis_error_find(const char *reply);

#endif
