/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PLAN_H
#define LOADTEST_PLAN_H

#include "loadtest/profile.h"

/*
 * What a profile comes to, with its speed and caps: how many calls, how fast, and the CSV files
 * that SIPp reads. Everything that differs between callers and between agents is drawn here, from
 * the profile's seed; SIPp itself draws nothing. Pure: the same profile gives the same bytes. The
 * caller frees the texts.
 *
 * SIPp starts callers at a constant rate. Where they are to come otherwise, each first waits for a
 * time of his own, which his row says: his arrival, later by what the earliest needs at most, minus
 * the time at which SIPp starts him.
 */
#define PLAN_AGENTS_CSV "agents.csv"

/* Rows of all callers' files together: no row comes twice in 240,000 calls, and people can still
 * read the files. SIPp begins again at the top when there are more calls than rows. */
#define PLAN_ROWS_MAX 250000

/* number;stay in ms;ms before the call;queue. Of `count` processes, `number` gets the rows number,
 * number + count, ... of all. */
char *plan_callers(const struct profile *p, int number, int count);

/* user;how SIPp answers a challenge, with the user's password, which has no blank, ; or ]. */
char *plan_logins(const struct profile *p, const char *password, int number, int count);

/* user;ms to the answer;ms of talk;how;and of the talk, ms before hold;on hold;after it. */
enum plan_how { PLAN_ANSWERS, PLAN_BUSY, PLAN_REJECTS, PLAN_SILENT, PLAN_EARLY };
char *plan_agents(const struct profile *p);

/* How many agents are of a kind. */
int64_t plan_agents_who(const struct profile *p, enum plan_how how);

int64_t plan_calls(const struct profile *p);	  /* to be made in all; 0: no end but a time */
int64_t plan_open_calls(const struct profile *p); /* in the system at once, at most */
double plan_call_rate(const struct profile *p);	  /* that SIPp starts callers with, per second */
double plan_login_rate(const struct profile *p);  /* agents per second */
int64_t plan_last_arrival_ms(const struct profile *p); /* unless arrivals = closed; from the first
							  call's start */
int64_t plan_wrapup_s(const struct profile *p);
int64_t plan_login_after_ms(const struct profile *p);

/* About how long the run takes, from the first call to the last one's end. */
int64_t plan_expected_s(const struct profile *p);

#define PLAN_NAME_MAX  16
#define PLAN_QUEUE_MAX 80

/* Name of agent `i` (0 to agents - 1), which is its phone's user, too. Returns out. */
char *plan_agent_name(int64_t i, char out[PLAN_NAME_MAX]);

/* Name of queue `i` (0 to queues - 1) when the first is called so. Returns out. */
char *plan_queue_name(const char *first, int64_t i, char out[PLAN_QUEUE_MAX]);
bool plan_is_queue(const char *first, const char *name);

#endif
