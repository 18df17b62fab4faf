/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/hist.h"

#include <math.h>
#include <stdlib.h>

#include "lib/mem.h"

void
hist_add(struct hist *h, int64_t us)
{
	if ((h->count & (h->count - 1)) == 0)
		h->values =
			mem_grow(h->values, h->count == 0 ? 1 : 2 * h->count, sizeof(*h->values));
	h->values[h->count++] = us;
	h->sorted = 0;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t
hist_at(struct hist *h, double share)
{
	double rank;

	if (h->count == 0)
		return 0;
	if (!h->sorted)
		qsort(h->values, h->count, sizeof(*h->values), compare);
	h->sorted = 1;
	/* 0.99 * 100 is a hair above 99 in binary; the hair must not cost a rank. */
	rank = ceil(share * (double)h->count - 1e-9);
	if (rank < 1)
		rank = 1;
	if (rank > (double)h->count)
		rank = (double)h->count;
	return h->values[(size_t)rank - 1];
}

void
hist_free(struct hist *h)
{
	free(h->values);
	*h = (struct hist){0};
}
