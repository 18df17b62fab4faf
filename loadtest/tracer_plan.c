/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/tracer_plan.h"

#include <math.h>

#include "loadtest/machine.h"
#include "loadtest/plan.h"
#include "loadtest/tracer.h"

/* Bytes in the ring, between SIPp and Kamailio and between Kamailio and a node together, without
 * authentication: 12 messages of a caller's call and 13 of a leg, of some 470 and 580 bytes, and of
 * a dialog's keep-alive four of 400; 116 more of each are the kernel's and IP's. */
#define CALLER_BYTES	7100
#define LEG_BYTES	9100
#define KEEPALIVE_BYTES 2000

/* Conversations a second that all agents together begin, if there are callers enough. */
static double
turnover(const struct profile *p)
{
	double turn_s = (double)(p->talk_s * 1000 + p->answer_delay_ms) / 1000 / p->speed +
			(double)plan_wrapup_s(p);

	return fmin((double)p->agents / turn_s, p->max_call_rate);
}

double
tracer_plan_rate(const struct profile *p)
{
	const struct machine_load load = machine_load_of(p, false);
	double talks = turnover(p), calls = plan_call_rate(p);
	double keepalive = KEEPALIVE_BYTES / (double)p->keepalive_s;
	double coming = calls * CALLER_BYTES + (double)load.callers * keepalive;

	if (p->arrivals == ARRIVALS_CLOSED)
		calls = talks; /* who is done is replaced */
	return fmax(coming, calls * CALLER_BYTES + fmin(talks, calls) * LEG_BYTES +
				    (double)(load.callers + load.legs) * keepalive);
}

double
tracer_plan_seconds(const struct profile *p)
{
	return tracer_holds_s(p->trace_mb, tracer_plan_rate(p));
}

int64_t
tracer_plan_mb(const struct profile *p)
{
	double rate = tracer_plan_rate(p);
	int64_t mb = 1;

	while (mb < TRACER_MB_MAX && tracer_holds_s(mb, rate) < TRACER_PLAN_NEED_S)
		mb++;
	return mb;
}
