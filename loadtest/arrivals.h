/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_ARRIVALS_H
#define LOADTEST_ARRIVALS_H

#include "loadtest/profile.h"

/* When the callers of a profile come, whatever became of those before: unless arrivals = closed.
 * Pure: the same profile gives the same times. */
struct arrivals {
	const struct profile *p;
	double rate, gap; /* per ms; least, ms */
	double last;	  /* the one before, ms since the first could come */
	uint64_t state;
	int64_t i; /* of the next one */
};

struct arrivals arrivals_open(const struct profile *p);

/* The next one's, in order, ms. */
double arrivals_next(struct arrivals *a);

/* How many there are, and when the last of so many comes. */
int64_t arrivals_count(const struct profile *p);
double arrivals_last(const struct profile *p, int64_t count);

#endif
