/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_DICE_H
#define LOADTEST_DICE_H

#include <stdint.h>

/* Numbers drawn from a seed, the same on every machine (splitmix64). Not for secrets. */
uint64_t dice_draw(uint64_t *state);

/* From low to high, both included. */
int64_t dice_between(uint64_t *state, int64_t low, int64_t high);

#endif
