/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/dice.h"

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
