/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/dice.h"

#include <math.h>

uint64_t
dice_draw(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

int64_t
dice_between(uint64_t *state, int64_t low, int64_t high)
{
	return low + (int64_t)(dice_draw(state) % (uint64_t)(high - low + 1));
}

uint64_t
dice_stream(int64_t seed, enum dice_stream which)
{
	uint64_t state = (uint64_t)seed;

	return dice_draw(&state) ^ ((uint64_t)which << 56);
}

int64_t
dice_around(uint64_t *state, int64_t middle, int64_t spread)
{
	int64_t half = middle * spread / 100;
	uint64_t drawn = dice_draw(state);

	return half > 0 ? middle - half + (int64_t)(drawn % (uint64_t)(2 * half + 1)) : middle;
}

double
dice_until(uint64_t *state, double mean)
{
	/* From 2^-53 to 1. */
	double even = ((double)(dice_draw(state) >> 11) + 1) / 9007199254740992.0;

	return -log(even) * mean;
}

bool
dice_percent(uint64_t *state, int64_t percent)
{
	return (int64_t)(dice_draw(state) % 100) < percent;
}
