/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REPORT_H
#define LOADTEST_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "loadtest/measure.h"
#include "loadtest/verdict.h"

/* What came out of a run, for machines and for people. Pure but for the FILE. */
struct report {
	const json_t *meta; /* run.json */
	const struct evidence *evidence;
	const struct verdict *verdict;
	struct measure *measure; /* sorts its histograms */
};

/* The report's JSON; the caller owns it. */
json_t *report_json(const struct report *r);

/*
 * Drops, disagreements and violations by name (the first REPORT_LINES of each), the figures, and
 * the last line "smoke: 60 calls, 0 dropped, 0 disagreements", with ", 2 violations" if there are
 * any.
 */
#define REPORT_LINES 20
void report_print(const struct report *r, FILE *out);

/* 0: no drop, no disagreement and no violation, else 1. */
int report_status(const struct report *r);

#endif
