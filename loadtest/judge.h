/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_JUDGE_H
#define LOADTEST_JUDGE_H

#include <jansson.h>

#include "lib/err.h"
#include "loadtest/evidence.h"
#include "loadtest/report.h"
#include "loadtest/scripted.h"
#include "loadtest/verdict.h"

/* The verdict on a run's directory, and what it was reached from. */
struct judge {
	json_t *meta; /* run.json */
	struct evidence evidence;
	struct scripted scripted;
	struct verdict verdict;
};

/* On success judge_close() is due; -1 with err when it is no directory of a run. */
int judge_open(struct judge *j, const char *dir, struct err *err);
void judge_close(struct judge *j);

/*
 * The verdict on what meta and evidence of j say. When the run was not made to its end ("complete"
 * is not true in run.json), calls in progress are left out, and meta tells how many.
 */
void judge_reach(struct judge *j, const char *dir);

/* The report's JSON, with the samples in the run's directory; the caller owns it. */
json_t *judge_report(const struct judge *j, const char *dir);

#endif
