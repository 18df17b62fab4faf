/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REPORT_H
#define LOADTEST_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "lib/err.h"
#include "loadtest/measure.h"
#include "loadtest/verdict.h"

/*
 * What came out of a run. The report is JSON (mqs-report(5)); every other form of it is made from
 * that alone.
 */
#define REPORT_VERSION 1

struct report {
	const json_t *meta; /* run.json */
	const struct evidence *evidence;
	const struct verdict *verdict;
	struct measure *measure; /* sorts its histograms */
	json_t *watched;	 /* series_load(); NULL: nobody watched */
};

/* The caller owns it. */
json_t *report_json(const struct report *r);

/* Replaces the file as a whole. */
int report_write(const json_t *report, const char *path, struct err *err);

/* A report's file, or the directory of a run that was judged. The caller owns the JSON; NULL with
 * err, also when it is of another version. */
json_t *report_read(const char *path, struct err *err);

/*
 * Promises broken, by name (the first REPORT_LINES of each), the figures, and the last line "smoke:
 * 60 calls, 0 dropped, 0 disagreements", with ", 2 violations" if there are any.
 */
#define REPORT_LINES 20
void report_text(const json_t *report, FILE *out);

/* One test case a promise. */
void report_junit(const json_t *report, FILE *out);

/* One page that needs nothing else, not even scripts. */
void report_html(const json_t *report, FILE *out);

/* 0: every promise was kept, else 1. */
int report_status(const json_t *report);

/* What each form begins with when the run had no voice: figures with music would be others. NULL:
 * it had. */
const char *report_caveat(const json_t *report);

/* What is to be said of a run that was not made to its end; NULL: it was. Returns out. */
#define REPORT_RESULT_MAX 160
const char *report_broken_off(const json_t *report, char *out);

/* Of what run or calls of one it was a replay; NULL: of none. Returns out. */
#define REPORT_ORIGIN_MAX 640
const char *report_origin(const json_t *report, char *out);

/* "talk-2014: 240,000 calls, 0 dropped, 0 disagreements", as it was counted; returns out. */
char *report_result(const json_t *report, char *out);

/* "3,600 callers at once, 2,000 agents, 8 nodes, 80 min": how much and how long, as measured;
 * returns out. */
char *report_extent(const json_t *report, char *out);

#endif
