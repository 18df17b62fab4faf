/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_DICE_H
#define LOADTEST_DICE_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers drawn from a seed, the same on every machine (splitmix64). Not for secrets. */
uint64_t dice_draw(uint64_t *state);

/* A stream of its own for each of a profile's files, so that more callers don't change the agents.
 */
enum dice_stream { DICE_CALLERS = 1, DICE_AGENTS = 2, DICE_ARRIVALS = 3 };
uint64_t dice_stream(int64_t seed, enum dice_stream which);

/* From low to high, both included. */
int64_t dice_between(uint64_t *state, int64_t low, int64_t high);

/* Each of these always takes one number from the stream: evenly from `spread` percent below to as
 * much above; exponentially, with that mean; true in so many of a hundred times. */
int64_t dice_around(uint64_t *state, int64_t middle, int64_t spread);
double dice_until(uint64_t *state, double mean);
bool dice_percent(uint64_t *state, int64_t percent);

#endif
