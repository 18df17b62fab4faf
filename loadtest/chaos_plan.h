/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHAOS_PLAN_H
#define LOADTEST_CHAOS_PLAN_H

#include <stdint.h>

#include "loadtest/chaos_fault.h"

/*
 * What is done to a lab, and when. As text one line a fault:
 *
 *   PAUSE FAULT SERVER OTHER LASTS
 *
 * PAUSE: ms from the beginning of the fault before, at least; the lab is always given the time to
 * be steady first. OTHER: the far end of a cut, "-" for none. LASTS: ms. SERVER and OTHER may be
 * "master" and "replica". Lines that begin with # are remarks.
 */
struct chaos_act {
	int64_t pause_ms, lasts_ms;
	const struct chaos_fault *fault;
	char server[TEXT_NAME_MAX + 1], other[TEXT_NAME_MAX + 1]; /* other "": none */
};

struct chaos_plan {
	struct chaos_act *acts;
	size_t count;
};

/* As many acts as fit `for_ms`, one each pause_ms, each kind of fault before any comes again, all
 * drawn from the seed. */
void chaos_plan_draw(struct chaos_plan *plan, const struct lab_options *lab, uint64_t seed,
		     int64_t for_ms, int64_t pause_ms);

/* `count` times the same fault, each after a pause drawn from 0 to pause_ms. */
void chaos_plan_repeat(struct chaos_plan *plan, const struct lab_options *lab, uint64_t seed,
		       const struct chaos_fault *fault, size_t count, int64_t pause_ms);

/* From text, or -1 with err naming the line. */
int chaos_plan_read(struct chaos_plan *plan, const char *text, struct err *err);

/* One act as its line, without the end of line. The caller frees it. */
char *chaos_act_text(const struct chaos_act *act);

/* The time it takes at least. */
int64_t chaos_plan_ms(const struct chaos_plan *plan);

void chaos_plan_free(struct chaos_plan *plan);

#endif
