/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PROMISE_H
#define LOADTEST_PROMISE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What a run must keep, one row each; the exit status and every form of a report read the same
 * rows. Pure: a report's JSON in (mqs-report(5)).
 */
typedef void promise_line(void *arg, const char *text);

struct promise {
	const char *name;			/* "drops" */
	const char *sentence;			/* "No call is dropped." */
	bool (*applies)(const json_t *report);	/* NULL: each run is to keep it */
	size_t (*broken)(const json_t *report); /* how often it was */
	/* Calls `line` for each time, as long as it tells something. */
	void (*tell)(const json_t *report, promise_line *line, void *arg);
};

extern const struct promise promises[];
extern const size_t promise_count;

/* How often it was broken; 0 when it does not apply. */
size_t promise_broken(const struct promise *p, const json_t *report);

/* Calls `line` for the first `limit` times at most; returns how many more there are. */
size_t promise_tell(const struct promise *p, const json_t *report, size_t limit, promise_line *line,
		    void *arg);

/* Drops that nothing excuses. */
size_t promise_drops(const json_t *report);

#endif
