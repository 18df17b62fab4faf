/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_VERDICT_H
#define LOADTEST_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadtest/evidence.h"

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

/* What the profile allows, and how exact the witnesses' clocks are to agree. */
struct verdict_rules {
	bool may_refuse;   /* some queue rule refuses callers (call_refused) */
	bool may_end;	   /* some queue rule ends waiting calls (max_wait) */
	int64_t hangup_us; /* one side's BYE reaches the other side within */
	int64_t ghost_us;  /* a node forgets a call that has ended within */
};

extern const struct verdict_rules verdict_default_rules;

#define VERDICT_TEXT_MAX 320

struct verdict_call {
	size_t caller;	/* in evidence */
	const char *id; /* mqsd's call id, borrowed from the evidence; NULL: unknown */
	size_t talk;	/* the leg that talked; NAMES_NONE: none */
	enum verdict_end end;
	enum verdict_class class;    /* of a drop */
	const char *witness;	     /* of a drop: who saw it first */
	bool excusable;		     /* of a drop: its node was killed while it was there */
	char text[VERDICT_TEXT_MAX]; /* of a drop: what happened, a sentence */
};

struct verdict_disagreement {
	char *call; /* Call-ID or call id; owned */
	char *text; /* owned */
};

struct verdict {
	struct verdict_call *calls; /* one per caller in the evidence, in its order */
	size_t call_count;
	size_t ends[VERDICT_ENDS];
	size_t drops[VERDICT_CLASSES], excusable;
	size_t entered, bridged; /* as mqsd told, of our callers */
	struct verdict_disagreement *disagreements;
	size_t disagreement_count;
};

void verdict_reach(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules);
void verdict_free(struct verdict *v);

/* Shared by the files of this noun. */

/* Legs of each caller, as lists through `next`; orphans have no caller. */
struct verdict_legs {
	size_t *first; /* per caller; NAMES_NONE ends */
	size_t *next;  /* per leg */
	size_t *owner; /* per leg: its caller; NAMES_NONE: nobody's */
};

/* What mqsd told of a caller's call; NULL when nothing. */
const struct told *verdict_told(const struct evidence *e, size_t caller);

void verdict_disagree(struct verdict *v, const char *call, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Where the witnesses exclude each other. Call after each call has its end. */
void verdict_compare(struct verdict *v, const struct evidence *e, const struct verdict_legs *legs);

#endif
