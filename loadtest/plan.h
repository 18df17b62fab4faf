/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PLAN_H
#define LOADTEST_PLAN_H

#include "loadtest/profile.h"

/*
 * What a profile comes to: how many calls, how fast, and the CSV files that SIPp reads. Everything
 * that differs between callers and between agents is drawn here, from the profile's seed; SIPp
 * itself draws nothing. Pure: the same profile gives the same bytes. The caller frees the texts.
 */
#define PLAN_AGENTS_CSV "agents.csv"

/* Of `count` processes, `number` gets the rows number, number + count, ... of all. */
char *plan_callers(const struct profile *p, int number, int count);
char *plan_logins(const struct profile *p, int number, int count);
char *plan_agents(const struct profile *p);

int64_t plan_calls(const struct profile *p);	  /* to be made in all; 0: no end but a time */
int64_t plan_open_calls(const struct profile *p); /* in the system at once */
double plan_call_rate(const struct profile *p);	  /* new calls per second */
double plan_login_rate(const struct profile *p);  /* agents per second */

#define PLAN_NAME_MAX 16

/* Name of agent `i` (0 to agents - 1), which is its phone's user, too. Returns out. */
char *plan_agent_name(int64_t i, char out[PLAN_NAME_MAX]);

#endif
