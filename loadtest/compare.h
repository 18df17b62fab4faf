/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_COMPARE_H
#define LOADTEST_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/err.h"

/* Two reports of one profile: is the second worse? Pure but for the FILE. */

/* One row a figure. All are the better the lower they are. */
struct compare_row {
	const char *name; /* for --threshold */
	const char *path; /* in the report */
	const char *unit;
	int decimals;
	double percent; /* so much more is borne, */
	double margin;	/* or so much, in its unit: what a small figure may differ by chance */
};

extern const struct compare_row compare_rows[];
extern const size_t compare_row_count;

#define COMPARE_ROWS_MAX 32

/* What is borne of each row, %. */
struct compare_limits {
	double percent[COMPARE_ROWS_MAX];
};

void compare_defaults(struct compare_limits *limits);

/* "30", of all latencies, costs and sizes, or "offer-p99=30". */
int compare_limit(struct compare_limits *limits, const char *text, struct err *err);

/* Whether there is anything to compare: -1 with err when the profiles are others. */
int compare_check(const json_t *before, const json_t *after, struct err *err);

/* Prints the table and what differs in the profiles' options; returns how many figures are worse
 * than is borne. */
size_t compare_print(const json_t *before, const json_t *after, const struct compare_limits *limits,
		     FILE *out);

#endif
