/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/arrivals.h"

#include <math.h>

#include "loadtest/dice.h"
#include "loadtest/plan.h"

struct arrivals
arrivals_open(const struct profile *p)
{
	double rate = fmin(p->call_rate * p->speed, p->max_call_rate) / 1000;

	return (struct arrivals){.p = p,
				 .rate = rate,
				 .gap = 1000 / p->max_call_rate,
				 .last = -1000 / p->max_call_rate,
				 .state = dice_stream(p->seed, DICE_ARRIVALS)};
}

double
arrivals_next(struct arrivals *a)
{
	double i = (double)a->i++, at = 0, burst_ms = (double)a->p->burst_s * 1000;
	double ramp_ms = (double)a->p->ramp_s * 1000;
	double ramped = a->rate * ramp_ms / 2, burst = fmax(1, floor(a->rate * burst_ms));

	switch (a->p->arrivals) {
	case ARRIVALS_RAMP:
		at = i < ramped ? sqrt(2 * i * ramp_ms / a->rate)
				: ramp_ms + (i - ramped) / a->rate;
		break;
	case ARRIVALS_POISSON:
		at = fmax(a->last, 0) + dice_until(&a->state, 1 / a->rate);
		break;
	case ARRIVALS_BURST:
		at = floor(i / burst) * burst_ms;
		break;
	default:
		at = i / a->rate;
	}
	a->last = fmax(at, a->last + a->gap);
	return a->last;
}

int64_t
arrivals_count(const struct profile *p)
{
	struct arrivals a = arrivals_open(p);
	double end = (double)p->duration_s * 1000;
	int64_t limit = p->calls > 0 ? p->calls : p->callers;

	if (p->duration_s == 0)
		return limit;
	while ((p->calls == 0 || a.i < p->calls) && a.i <= PLAN_ROWS_MAX && arrivals_next(&a) < end)
		;
	if (p->calls > 0 && a.i == p->calls && a.last < end)
		return p->calls;
	return a.i > 1 ? a.i - 1 : 1;
}

double
arrivals_last(const struct profile *p, int64_t count)
{
	struct arrivals a = arrivals_open(p);

	while (a.i < count)
		arrivals_next(&a);
	return a.last;
}
