/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_TRAFFIC_PARTY_H
#define LOADTEST_TRAFFIC_PARTY_H

#include <uthash.h>

#include "loadtest/traffic.h"

/* Who takes part in the calls of a run. Shared by the files of traffic; all of it is the traffic's
 * own. */

/* A caller's call or a leg, from its INVITE to some time after its end. */
struct traffic_party {
	UT_hash_handle by_sip, by_call, by_leg;
	TAILQ_ENTRY(traffic_party) ended_entry, asking_entry, over_entry, leaving_entry;
	char *sip_id;
	char *call; /* mqsd's id of the call; of a caller once it is told */
	char *leg;  /* X-MQS-Call */
	bool is_caller, asks, up, talked;
	bool over, sent_away; /* in that list; by the other side, or by nobody */
	bool leaving;	      /* in that list */
	bool linked;	      /* leg: its caller counts it among `legs` */
	int64_t legs;	      /* caller: that talk */
	int64_t invite, ok, bridged, end, left;
	int64_t ready; /* caller: since then it could be offered; leg: its agent's, at the INVITE */
	struct traffic_agent *agent; /* of a leg; */
	struct rest_leg went;	     /* as far as it is known */
};

struct traffic_agent {
	UT_hash_handle hh;
	char *name;
	int64_t registered, ready;	  /* 0: has a call */
	const struct traffic_party *last; /* leg; NULL: forgotten */
};

/* NULL: not known. A caller by mqsd's id of the call, which may be NULL. */
struct traffic_party *traffic_find(const struct traffic *t, const char *sip_id);
struct traffic_party *traffic_find_caller(const struct traffic *t, const char *call);
struct traffic_party *traffic_find_leg(const struct traffic *t, const char *leg);

/* Made when it is new. */
struct traffic_party *traffic_party(struct traffic *t, const char *sip_id, bool is_caller);
struct traffic_agent *traffic_agent(struct traffic *t, const char *name);

/* What mqsd calls it: a caller's call, a leg "<call>.<n>". */
void traffic_name_caller(struct traffic *t, struct traffic_party *p, const char *call);
void traffic_name_leg(struct traffic *t, struct traffic_party *p, const char *leg);

void traffic_forget(struct traffic *t, struct traffic_party *p);
void traffic_forget_agents(struct traffic *t);

/* Both ends of a leg's conversation are known: a sample of the connect latency, unless it is one
 * already. */
void traffic_connected(struct traffic *t, const struct traffic_party *leg);

/* Its agent is free again some time after `end`, the leg's. */
void traffic_rests(struct traffic *t, struct traffic_party *leg, int64_t end);

/* mqsd's words of callers whose own weren't read yet; those that are too old go. */
void traffic_retell(struct traffic *t);
void traffic_untell(struct traffic *t);

/* So long one witness' word may wait for another's, in µs. */
#define TRAFFIC_ASK_US 5000000

#endif
