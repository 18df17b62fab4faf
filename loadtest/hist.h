/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_HIST_H
#define LOADTEST_HIST_H

#include <stddef.h>
#include <stdint.h>

/* Latencies as they were measured, exact: a run has at most some hundred thousand of them. µs. */
struct hist {
	int64_t *values;
	size_t count;
	int sorted;
};

void hist_add(struct hist *h, int64_t us);

/* The smallest value that `share` (0 to 1) of all values don't exceed (nearest rank); 0 when empty.
 */
int64_t hist_at(struct hist *h, double share);

void hist_free(struct hist *h);

#endif
