/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CLOCK_OFFSET_H
#define LIB_CLOCK_OFFSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How far another machine's clock is from ours, from what it said between two looks at ours. Of the
 * newest samples the one with the shortest way there and back is believed. All times are ms since
 * the epoch. Pure.
 */
#define CLOCK_OFFSET_SAMPLES 8

/* Clocks that agree within so much are left alone: the samples are no better. */
#define CLOCK_OFFSET_MIN_MS 50

struct clock_offset {
	struct {
		int64_t offset, way;
	} samples[CLOCK_OFFSET_SAMPLES];
	size_t count; /* ever added */
};

/* It said `remote` after `sent` and before `received`; nonsense is left out. */
void clock_offset_add(struct clock_offset *o, int64_t sent, int64_t received, int64_t remote);

/* Theirs minus ours; false while unknown. Right within half the way of the sample believed. */
bool clock_offset_get(const struct clock_offset *o, int64_t *offset, int64_t *way);

/*
 * How far a's clock is ahead of b's, both measured against ours; 0 when one is unknown or the
 * difference is not above CLOCK_OFFSET_MIN_MS and what the samples leave open.
 */
int64_t clock_offset_between(const struct clock_offset *a, const struct clock_offset *b);

#endif
