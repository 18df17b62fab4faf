/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_VERDICT_H
#define LOADTEST_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadtest/evidence.h"
#include "loadtest/scripted.h"

/*
 * The verdict on a run, call by call: each originated call gets exactly one end, so that
 * originated = refused + completed + abandoned + ruled + drained + dropped holds by construction.
 * Pure.
 *
 * Whose word counts: the two SIPps see from outside what happened to callers and agents. Whoever
 * sent the first BYE wished the end; a call that got a BYE which neither party, no rule of the
 * profile and no drain of ours explains is a drop. mqsd's events name which agent leg belongs to
 * which caller, and explain a drop in its text; they never turn a drop into something else. The
 * nodes' lists show what was left behind. Where two witnesses exclude each other, that is a
 * disagreement, counted apart.
 */
enum verdict_end {
	VERDICT_REFUSED,   /* by a rule */
	VERDICT_COMPLETED, /* talked; caller or agent hung up */
	VERDICT_ABANDONED, /* caller hung up before an agent had answered */
	VERDICT_RULED,	   /* ended by a rule */
	VERDICT_DRAINED,   /* hung up by us, still waiting, at the run's end */
	VERDICT_DROPPED,
	VERDICT_ENDS,
};

enum verdict_class { VERDICT_SIP, VERDICT_SERVER, VERDICT_CLASSES };

extern const char *const verdict_end_names[VERDICT_ENDS];
extern const char *const verdict_class_names[VERDICT_CLASSES];

/* What brought a drop about, as far as the witnesses can tell; it has the drop's class. */
enum verdict_cause {
	VERDICT_TIMEOUT,
	VERDICT_ERROR,
	VERDICT_MISSING,
	VERDICT_EXHAUSTED,
	VERDICT_DIED,
	VERDICT_FAILED,
	VERDICT_LOST,
	VERDICT_UNENDED,
	VERDICT_GHOST,
	VERDICT_CAUSES,
};

struct verdict_cause_row {
	const char *word;
	enum verdict_class class;
	const char *meaning; /* a sentence without its end */
};

extern const struct verdict_cause_row verdict_causes[VERDICT_CAUSES];

/* Of SIPp's words when it gave a call up: one of class VERDICT_SIP. */
enum verdict_cause verdict_cause_of_failure(const char *failure);

/* What the profile allows, and how exact the witnesses' clocks are to agree. */
/* A server was broken on purpose: until its deadline to be as before, what one side of a call does
 * may not reach the other, and a phone may learn late that its call is over. */
struct verdict_fault {
	int64_t from, until; /* INT64_MAX: it lasts still */
};

struct verdict_rules {
	bool may_refuse;		    /* some queue rule refuses callers (call_refused) */
	bool may_end;			    /* some queue rule ends waiting calls (max_wait) */
	int64_t hangup_us;		    /* one side's BYE reaches the other side within */
	int64_t ghost_us;		    /* a node forgets a call that has ended within */
	int64_t release_us;		    /* who was on a node that died is let go within */
	const struct verdict_fault *faults; /* made on purpose, in their order; NULL: none */
	size_t fault_count;
	const struct scripted *scripted; /* NULL: how long agents talk is not looked at */
};

extern const struct verdict_rules verdict_default_rules;

struct verdict_call {
	const char *id; /* mqsd's call id, borrowed from the evidence; NULL: unknown */
	size_t talk;	/* the leg that talked; NAMES_NONE: none */
	size_t drop;	/* in drops; NAMES_NONE: no drop */
	enum verdict_end end;
};

struct verdict_drop {
	size_t caller; /* in evidence */
	enum verdict_cause cause;
	bool excusable;	     /* its node was killed while it was there, and let it go in time */
	const char *witness; /* who saw it first */
	char *text;	     /* what happened, a sentence; owned */
};

struct verdict_disagreement {
	char *call; /* Call-ID or call id; owned */
	char *text; /* owned */
};

/* What an agent's phone did or had done to it that can't be right. Not a drop, and not a matter of
 * two witnesses: rule "talk-time", the agent held the line for another time than its script says;
 * "one-phone", it was called while in a call. */
#define VERDICT_VIOLATIONS 1000 /* more are counted and not kept */
struct verdict_violation {
	const char *rule;
	int64_t at;
	char *text; /* owned */
};

/* What the witnesses have of each caller, as lists: `first` per caller, `next` per record.
 * NAMES_NONE ends a list. */
struct verdict_links {
	size_t *first_leg, *next_leg;
	size_t *owner;				/* per leg: its caller; NAMES_NONE: nobody's */
	size_t *first_sighting, *next_sighting; /* of the caller's channel and of its legs' */
};

struct verdict {
	struct verdict_call *calls; /* one per caller in the evidence, in its order */
	size_t call_count;
	size_t ends[VERDICT_ENDS];
	struct verdict_drop *drops;
	size_t drop_count; /* = ends[VERDICT_DROPPED] */
	size_t classes[VERDICT_CLASSES], causes[VERDICT_CAUSES], excusable; /* of the drops */
	size_t entered, bridged; /* as mqsd told, of our callers */
	struct verdict_disagreement *disagreements;
	size_t disagreement_count;
	struct verdict_violation *violations;
	size_t violation_count;
	struct verdict_links links;
};

/* Takes time in proportion to the records. The verdict borrows from the evidence. */
void verdict_reach(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules);
/*
 * Leaves the calls that were over, by the rules, for some seconds when the last line was written,
 * and what belongs to no call; returns how many calls are left out, being in progress. *until: when
 * that was.
 */
size_t verdict_trim(struct evidence *e, const struct verdict_rules *rules, int64_t *until);
void verdict_free(struct verdict *v);

/* The class of a drop, which is its cause's. */
enum verdict_class verdict_class_of(const struct verdict_drop *drop);

/* What mqsd told of a caller's call; NULL when nothing. */
const struct told *verdict_told(const struct evidence *e, size_t caller);

/* Shared by the files of this noun. */

/* One call and all that is known of it. */
struct verdict_matter {
	struct verdict *v;
	const struct evidence *e;
	const struct verdict_rules *rules;
	const struct caller *c;
	const struct told *told;   /* or NULL */
	const struct death *death; /* of its node while it lived, or NULL */
	const struct drain *drain; /* or NULL */
	bool refused;		   /* mqsd said it could not take it */
	size_t caller;
};

/* The two SIPps' clocks are one, but each stamps when its own loop comes round. */
#define VERDICT_SKEW_US 50000LL

/* Until when what takes `us` has to be done; what is broken on purpose meanwhile may take its own
 * time. */
int64_t verdict_due(const struct verdict_rules *rules, int64_t cause, int64_t us);

/* Gives the call its end. */
void verdict_judge(struct verdict_matter *m);

/* Makes it a drop. */
void verdict_dropped(struct verdict_matter *m, enum verdict_cause cause, const char *witness,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

void verdict_disagree(struct verdict *v, const char *call, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What the agents' phones say. */
void verdict_check(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules);

/* Where the witnesses exclude each other. Call after each call has its end. */
void verdict_compare(struct verdict *v, const struct evidence *e);

#endif
