/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_DELAYS_H
#define MQSD_DELAYS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* How long answers took, since we started: a histogram of fixed bounds. */
#define DELAYS_BOUNDS 13

extern const double delays_bounds[DELAYS_BOUNDS]; /* s, ascending; the last bucket has none */

struct delays {
	uint64_t buckets[DELAYS_BOUNDS + 1]; /* each its own, not those below */
	int64_t sum_us;
};

void delays_add(struct delays *delays, int64_t us);

/* {"buckets": [up to each bound, ..., all], "sum": s}; the caller's. */
json_t *delays_json(const struct delays *delays);

#endif
