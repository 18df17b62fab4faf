/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_TRAFFIC_H
#define LOADTEST_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "loadtest/hist.h"
#include "loadtest/rest.h"
#include "loadtest/witness_sipp.h"

/*
 * The calls of a run as they pass: how many are in which state now, how many there were, and the
 * latencies of the last interval, defined as in measure.h. It sees the lines that the witnesses
 * write, keeps only calls in progress (and those that ended TRAFFIC_KEEP_MS ago, for late words),
 * and takes the same time for each line however many calls there are. Pure; its clock is that of
 * the lines, in µs.
 *
 * What is counted here is for whoever watches; the verdict is reached from the witnesses' records.
 */
#define TRAFFIC_KEEP_MS 30000

struct traffic_counts {
	int64_t up, waiting, talking; /* now */
	int64_t arrived, answered, over, completed;
	int64_t dropped; /* sent away without a conversation, or given up by SIPp */
};

struct traffic_party;
struct traffic_agent;
struct traffic_told;

struct traffic {
	struct traffic_counts counts;
	struct hist offer, connect; /* since traffic_interval() */
	struct rests rests;
	bool draining; /* callers who still wait are being sent away on purpose */
	int64_t now;   /* newest stamp of a line */
	struct traffic_party *by_sip, *by_call, *by_leg;
	struct traffic_agent *agents;
	TAILQ_HEAD(, traffic_party) ended;   /* in the order in which they did */
	TAILQ_HEAD(, traffic_party) asking;  /* legs whose caller isn't known yet */
	TAILQ_HEAD(, traffic_party) over;    /* callers; whether they talked is not sure yet */
	TAILQ_HEAD(, traffic_party) leaving; /* callers whose agent has gone, until they have */
	int64_t leaving_count;
	int64_t alone;			 /* legs that still talk while their caller has gone */
	TAILQ_HEAD(, traffic_told) told; /* by mqsd, of callers not seen yet */
	size_t told_count;
};

void traffic_open(struct traffic *t, const struct rests *rests);
void traffic_close(struct traffic *t);

/* One line of SIPp's log, of the recorded events. */
void traffic_sipp(struct traffic *t, enum sipp_role role, const char *line);
void traffic_event(struct traffic *t, const char *line);

/* SIPp gave that call up, a caller's or a leg. */
void traffic_failed(struct traffic *t, const char *sip_id);

/* When all that was written has been read: what needed more than one witness' word. */
void traffic_settle(struct traffic *t);

/* Begins a new interval of the latencies. */
void traffic_interval(struct traffic *t);

#endif
