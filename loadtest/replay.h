/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REPLAY_H
#define LOADTEST_REPLAY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "loadtest/kit.h"
#include "loadtest/profile.h"

/*
 * A run made again from the files that it left: the same callers with the same times, the same
 * phones. What servers and phones make of them, which call meets which agent, may differ.
 */
struct replay {
	const char *from; /* directory of the run */
	char *call;	  /* Call-ID of the call that is meant, owned; NULL: all */
	int64_t around_s; /* and of those that came so much before or after it; 0: it alone */
	int64_t calls;
	char *callers[KIT_PROCESSES_MAX]; /* instead of its callers' files, owned; NULL: those */
};

/* The profile as run.json has it; profile_free() is due on success. */
int replay_profile(const json_t *meta, struct profile *p, struct err *err);

/* A call to be made again. */
struct replay_call {
	int64_t at_us; /* its INVITE's time, from any moment on */
	const char *number;
};

/*
 * Makes the profile one of these calls alone, which came with `first_login_us` as the time of the
 * first registration, INT64_MAX for none: agents that were there before the first call log in
 * before it.
 */
void replay_narrow(struct profile *p, const struct replay_call *calls, size_t count,
		   int64_t first_login_us);

/*
 * The callers' files for the kit's processes, of those calls alone. They are in the order of time,
 * and come as far from each other as they did; `csv` has the rows of the whole run. Pure. -1: a
 * call has no row.
 */
int replay_rows(struct replay *r, const struct replay_call *calls, size_t count, const char *csv,
		const struct kit *kit, struct err *err);

/* When the last of a process' callers comes, ms since its start. Pure. */
int64_t replay_last_ms(const char *csv, const struct kit_row *row);

/* The rows of all callers of the run that left a directory; the caller frees them. */
char *replay_read_rows(const char *dir, struct err *err);

/* Writes the kit's files; last_ms: when the last caller comes. */
int replay_write(const struct replay *r, const struct kit *kit, const char *dir, int64_t *last_ms,
		 struct err *err);

/* What it is a replay of, for run.json: {run, call, around_s, calls}, of a whole run {run}. The
 * caller owns it. */
json_t *replay_origin(const struct replay *r);

void replay_free(struct replay *r);

#endif
