/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_TRACER_PLAN_H
#define LOADTEST_TRACER_PLAN_H

#include "loadtest/profile.h"

/*
 * For how long a run's SIP messages stay in the ring (loadtest/tracer.h), before it is made. Pure.
 *
 * A dropped call's are taken out when the verdict so far is reached, once a minute: what a ring of
 * less than TRACER_PLAN_NEED_S held of it may be gone by then.
 */
#define TRACER_PLAN_NEED_S 75

/* Bytes of the ring a second, when most is going on. */
double tracer_plan_rate(const struct profile *p);

/* s; 0: none are kept. */
double tracer_plan_seconds(const struct profile *p);

/* What ring is long enough, MB. */
int64_t tracer_plan_mb(const struct profile *p);

#endif
