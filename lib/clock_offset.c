/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/clock_offset.h"

#include <stdlib.h>

/* A reply that took longer says too little. */
#define WAY_MAX_MS 5000

void
clock_offset_add(struct clock_offset *o, int64_t sent, int64_t received, int64_t remote)
{
	size_t i = o->count % CLOCK_OFFSET_SAMPLES;

	/* Our clock was set back meanwhile, or theirs is none. */
	if (received < sent || received - sent > WAY_MAX_MS || remote <= 0)
		return;
	o->samples[i].way = received - sent;
	o->samples[i].offset = remote - (sent + (received - sent) / 2);
	o->count++;
}

bool
clock_offset_get(const struct clock_offset *o, int64_t *offset, int64_t *way)
{
	size_t n = o->count < CLOCK_OFFSET_SAMPLES ? o->count : CLOCK_OFFSET_SAMPLES, i, best = 0;

	for (i = 1; i < n; i++)
		if (o->samples[i].way < o->samples[best].way)
			best = i;
	if (n == 0)
		return false;
	*offset = o->samples[best].offset;
	*way = o->samples[best].way;
	return true;
}

int64_t
clock_offset_between(const struct clock_offset *a, const struct clock_offset *b)
{
	int64_t of_a, of_b, way_a, way_b;

	if (!clock_offset_get(a, &of_a, &way_a) || !clock_offset_get(b, &of_b, &way_b) ||
	    llabs(of_a - of_b) <= CLOCK_OFFSET_MIN_MS + (way_a + way_b) / 2)
		return 0;
	return of_a - of_b;
}
