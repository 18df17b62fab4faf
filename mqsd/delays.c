/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/delays.h"

const double delays_bounds[DELAYS_BOUNDS] = {0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
					     0.05,   0.1,    0.2,   0.5,   1,	  5};

void
delays_add(struct delays *delays, int64_t us)
{
	size_t i = 0;

	while (i < DELAYS_BOUNDS && (double)us > delays_bounds[i] * 1e6)
		i++;
	delays->buckets[i]++;
	delays->sum_us += us;
}

json_t *
delays_json(const struct delays *delays)
{
	json_t *buckets = json_array();
	uint64_t below = 0;
	size_t i;

	for (i = 0; i <= DELAYS_BOUNDS; i++) {
		below += delays->buckets[i];
		json_array_append_new(buckets, json_integer((json_int_t)below));
	}
	return json_pack("{s:o, s:f}", "buckets", buckets, "sum", (double)delays->sum_us / 1e6);
}
