/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_JUDGE_H
#define LOADTEST_JUDGE_H

#include <jansson.h>

#include "lib/err.h"
#include "loadtest/evidence.h"
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

#endif
