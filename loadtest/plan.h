/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PLAN_H
#define LOADTEST_PLAN_H

#include "loadtest/profile.h"

/*
 * The CSV files that SIPp reads: everything that differs between callers and between agents is
 * drawn here, from the profile's seed; SIPp itself draws nothing. Pure: the same profile gives the
 * same bytes. The caller frees the text.
 */
char *plan_callers(const struct profile *p);
char *plan_agents(const struct profile *p);

#define PLAN_NAME_MAX 16

/* Name of agent `i` (0 to agents - 1), which is its phone's user, too. Returns out. */
char *plan_agent_name(int64_t i, char out[PLAN_NAME_MAX]);

#endif
