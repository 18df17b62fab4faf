/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_EVIDENCE_H
#define LOADTEST_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/checker.h"
#include "loadtest/names.h"

/*
 * What the witnesses of a run saw, one array each. Times are µs since the epoch, 0: not seen.
 * Strings belong to the record that holds them (mem_dup); NULL: not seen.
 */

/* A call as the callers' SIPp saw it. */
struct caller {
	char *sip_id; /* SIP Call-ID; never NULL */
	char *number;
	int64_t invite, ok, bye_out, bye_ok, bye_in;
	int64_t failed; /* SIPp gave up on it */
	char *failure;	/* in SIPp's words */
};

/* A leg as the agents' SIPp saw it: one INVITE to one phone. */
struct leg {
	char *sip_id; /* never NULL */
	char *agent;
	char *id;   /* X-MQS-Call: <call>.<n> */
	char *call; /* of it, the call */
	int64_t invite, ok, ack, bye_out, bye_ok, bye_in, cancel;
	int64_t failed;
	char *failure;
};

/* One registration that the registrar confirmed. */
struct login {
	char *agent;
	int64_t at;
};

/* A call as mqsd's events told it. */
struct told {
	char *call;   /* never NULL */
	char *sip_id; /* of the caller */
	char *node;
	int64_t entered, bridged, ended;
	char *agent, *leg; /* as bridged last */
	char *reason;	   /* of the end */
};

/* A caller whom mqsd said it could not take. */
struct refusal {
	char *sip_id, *reason;
	int64_t at;
};

/* A channel in a node's list. */
struct sighting {
	int64_t at;
	char *node, *sip_id, *call; /* call: MQS_CALL */
	char *bridge;		    /* that it was in */
};

/* A bridge of ours in a node's list, with or without channels. */
struct bridge {
	int64_t at;
	char *node, *id;
};

/* A node whose process ended during the run. */
struct death {
	char *node;
	int64_t at;
};

/* A waiting call that loadtest itself hung up at the end, as its profile says. */
struct drain {
	char *call;
	int64_t at;
};

/* Words of SIPp that belong to no known call. */
struct stray {
	char *witness, *text;
};

/* Something that must always hold and did not (lib/checker.h). */
struct violation {
	char *rule, *event, *text;
	int64_t at_ms; /* ms since the epoch, the pool's clock */
};

struct evidence {
	struct caller *callers;
	struct leg *legs;
	struct login *logins;
	struct told *tolds;
	struct refusal *refusals;
	struct sighting *sightings;
	struct bridge *bridges;
	struct death *deaths;
	struct drain *drains;
	struct stray *strays;
	struct violation *violations;
	size_t caller_count, leg_count, login_count, told_count, refusal_count, sighting_count,
		bridge_count, death_count, drain_count, stray_count, violation_count;
	struct checker_figures checked;		/* of the events */
	uint64_t callers_resent, agents_resent; /* messages that the SIPps sent again */
	struct names caller_by_sip, leg_by_sip, told_by_call, told_by_sip;
	bool mqsd_heard; /* false: run without mqsd, its silence is no disagreement */
};

/* Each returns the record of that id, made when it is new. The pointer holds until the next one is
 * made. */
struct caller *evidence_caller(struct evidence *e, const char *sip_id);
struct leg *evidence_leg(struct evidence *e, const char *sip_id);
struct told *evidence_told(struct evidence *e, const char *call);

/* Says whose call `told` is; the join of both sides. */
void evidence_join(struct evidence *e, struct told *told, const char *sip_id);

/* New records, zeroed, to be filled by the caller. */
struct login *evidence_login(struct evidence *e);
struct refusal *evidence_refusal(struct evidence *e);
struct sighting *evidence_sighting(struct evidence *e);
struct bridge *evidence_bridge(struct evidence *e);
struct death *evidence_death(struct evidence *e);
struct drain *evidence_drain(struct evidence *e);
struct stray *evidence_stray(struct evidence *e);
struct violation *evidence_violation(struct evidence *e);

/* The call in a leg's id: all before its last dot. The caller frees it; NULL when there is no dot.
 */
char *evidence_call_of(const char *leg_id);

/* When the call was over, as this witness saw it; 0: it was not. */
int64_t caller_end(const struct caller *c);
int64_t leg_end(const struct leg *leg);

void evidence_free(struct evidence *e);

#endif
