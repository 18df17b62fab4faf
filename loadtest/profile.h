/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_PROFILE_H
#define LOADTEST_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/*
 * What a run does: scenarios/NAME.profile, an INI file with one section. The fields are as written;
 * what they come to, with the speed and the caps, says loadtest/plan.h.
 */
enum profile_hangup { HANGUP_AGENT, HANGUP_CALLER, HANGUP_MIXED };
enum profile_arrivals {
	ARRIVALS_CLOSED,
	ARRIVALS_STEADY,
	ARRIVALS_RAMP,
	ARRIVALS_POISSON,
	ARRIVALS_BURST
};
enum profile_talk { TALK_FIXED, TALK_UNIFORM, TALK_EXPONENTIAL };
enum profile_transport { TRANSPORT_UDP, TRANSPORT_TCP };

struct profile {
	char *name; /* file name without directory and ".profile"; owned */
	char *queue, *music;
	int64_t nodes, seed, queues;
	double speed;
	int arrivals; /* enum profile_arrivals */
	int64_t callers, calls, duration_s, ramp_s, burst_s, agents;
	double call_rate, max_call_rate, register_rate, max_answer_rate;
	int64_t expires_s, agents_login_after_s;
	int talk_drawn; /* enum profile_talk */
	int64_t answer_delay_ms, talk_s, wrapup_s, ring_s, spread;
	int hangup_by; /* enum profile_hangup */
	int64_t caller_share, stay_s, patience_s;
	int64_t busy_share, reject_share, silent_share, early_share, hold_share;
	int transport; /* enum profile_transport */
	int64_t keepalive_s;
	int64_t drain_deadline_s;
	bool drain_hangup;
	int64_t offer_p99_ms, connect_p99_ms;
	int64_t node_poll_ms;
	int64_t trace_mb;
};

struct option_table;
extern const struct option_table profile_options;

/* All options at their defaults. The name is copied; profile_free() is due. */
void profile_init(struct profile *p, const char *name);

/*
 * `name` is a path (it has a slash or ends in .profile) or stands for scenarios_dir/NAME.profile.
 * On success profile_free() is due.
 */
int profile_read(struct profile *p, const char *scenarios_dir, const char *name, struct err *err);

/* "option=value", as --set takes it. */
int profile_set(struct profile *p, const char *assignment, struct err *err);

/* What no single option can know: shares of agents that are more than all, and so on. */
int profile_check(const struct profile *p, struct err *err);

void profile_free(struct profile *p);

#endif
