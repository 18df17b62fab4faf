/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_EVIDENCE_H
#define LOADTEST_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/checker.h"
#include "loadtest/names.h"
#include "loadtest/words.h"

/*
 * What the witnesses of a run saw, one array each. A run has hundreds of thousands of calls, so
 * records are packed: a call with its leg and what mqsd told of it takes under 300 bytes, its texts
 * and the way to it included.
 *
 * Texts are words: evidence_text() gives the text. Two texts of one kind are the same when their
 * words are. Times are µs since `from_us`, 0: not seen.
 */
#define EVIDENCE_TIME(name) int64_t name : 40 /* 6 days before or after */
#define EVIDENCE_ID_MAX	    128		      /* a leg's or bridge's id, with its NUL */
#define EVIDENCE_STRAYS	    200		      /* more would say nothing new; they are counted */
#define EVIDENCE_VIOLATIONS 1000
#define EVIDENCE_PACKED	    __attribute__((packed, aligned(2)))

/* <call>.<n>, as mqsd makes ids of legs and bridges. */
struct numbered {
	uint32_t call;	 /* 0: not seen */
	uint64_t n : 40; /* EVIDENCE_WHOLE: no such id, `call` is all of its text */
} __attribute__((packed));
#define EVIDENCE_WHOLE 0xffffffffffU

/* A call as the callers' SIPp saw it. */
struct caller {
	EVIDENCE_TIME(invite);
	EVIDENCE_TIME(ok);
	EVIDENCE_TIME(bye_out);
	EVIDENCE_TIME(bye_ok);
	EVIDENCE_TIME(bye_in);
	uint32_t sip_id; /* SIP Call-ID; never 0 */
	uint32_t number;
	uint32_t failure; /* evidence_failure() */
} EVIDENCE_PACKED;

/* A leg as the agents' SIPp saw it: one INVITE to one phone. */
struct leg {
	EVIDENCE_TIME(invite);
	EVIDENCE_TIME(ok);
	EVIDENCE_TIME(ack);
	EVIDENCE_TIME(bye_out);
	EVIDENCE_TIME(bye_ok);
	EVIDENCE_TIME(bye_in);
	EVIDENCE_TIME(cancel);
	EVIDENCE_TIME(refused); /* busy, declined */
	uint32_t sip_id;	/* never 0 */
	uint32_t agent;
	struct numbered id; /* X-MQS-Call */
	uint32_t failure;
	bool busy; /* refused with 486 */
} EVIDENCE_PACKED;

/* SIPp gave up on a call. */
struct failure {
	int64_t at;
	uint32_t sip_id; /* of a caller, or of a leg */
	uint32_t text;	 /* in SIPp's words */
};

/* One registration that the registrar confirmed. */
struct login {
	int64_t at;
	uint32_t agent;
};

/* A call as mqsd's events told it. */
struct told {
	EVIDENCE_TIME(entered);
	EVIDENCE_TIME(bridged);
	EVIDENCE_TIME(ended);
	uint32_t call;	 /* never 0 */
	uint32_t sip_id; /* of the caller */
	uint32_t node;
	uint32_t agent; /* as bridged last */
	struct numbered leg;
	uint32_t reason; /* of the end */
	bool adopted;	 /* found talking: since its bridge was made, no sooner known */
} EVIDENCE_PACKED;

/* A caller whom mqsd said it could not take. */
struct refusal {
	int64_t at;
	uint32_t sip_id, reason;
};

/* A channel in a node's lists, from the first to the last of them with it. */
struct sighting {
	EVIDENCE_TIME(first);
	EVIDENCE_TIME(at); /* the last */
	uint32_t node, sip_id;
	uint32_t call;		/* MQS_CALL */
	struct numbered bridge; /* that it was in */
	bool gone;		/* later looks did not have it */
} EVIDENCE_PACKED;

/* A bridge of ours in a node's lists, with or without channels. */
struct bridge {
	EVIDENCE_TIME(first);
	EVIDENCE_TIME(at); /* the last */
	uint32_t node;
	struct numbered id;
	bool gone;
} EVIDENCE_PACKED;

/* The looks at one node. */
struct look {
	uint32_t node;
	int64_t at, before; /* the last one, the one before it */
};

/* A node whose process ended during the run. */
struct death {
	int64_t at;
	uint32_t node;
};

/* A waiting call that loadtest itself hung up at the end, as its profile says. */
struct drain {
	int64_t at;
	uint32_t call;
};

/* Words of SIPp that belong to no known call. */
struct stray {
	uint32_t witness, text;
};

/* Something that must always hold and did not (lib/checker.h). */
struct violation {
	uint32_t rule, event, text;
	int64_t at_ms; /* ms since the epoch, the pool's clock */
};

struct evidence {
	int64_t from_us; /* since the epoch: when the run began */
	struct words words;
	struct caller *callers;
	struct leg *legs;
	struct failure *failures;
	struct login *logins;
	struct told *tolds;
	struct refusal *refusals;
	struct sighting *sightings;
	struct bridge *bridges;
	struct death *deaths;
	struct drain *drains;
	struct stray *strays;
	struct violation *violations;
	size_t caller_count, leg_count, failure_count, login_count, told_count, refusal_count,
		sighting_count, bridge_count, death_count, drain_count, stray_count,
		violation_count;
	size_t strays_more, violations_more; /* seen and not kept */
	struct look *looks;
	size_t look_count;
	uint32_t *sighting_slots, *bridge_slots;
	size_t sighting_cap, bridge_cap;
	struct checker_figures checked;		/* of the events */
	uint64_t callers_resent, agents_resent; /* messages that the SIPps sent again */
	bool mqsd_heard; /* false: run without mqsd, its silence is no disagreement */
};

/* NULL for 0. Texts stay until evidence_free(). */
const char *evidence_text(const struct evidence *e, uint32_t word);

/* For people: "?" for what was not seen. */
const char *evidence_shown(const struct evidence *e, uint32_t word);

/* A text that names no record: an agent, a node, a reason. */
uint32_t evidence_word(struct evidence *e, const char *text);

/* Each returns the record of that id, made when it is new. The pointer holds until the next one is
 * made. */
struct caller *evidence_caller(struct evidence *e, const char *sip_id);
struct leg *evidence_leg(struct evidence *e, const char *sip_id);
struct told *evidence_told(struct evidence *e, const char *call);

/* The number of the record of that id; NAMES_NONE: there is none. */
size_t evidence_find_caller(const struct evidence *e, const char *sip_id);
size_t evidence_find_leg(const struct evidence *e, const char *sip_id);
size_t evidence_find_told(const struct evidence *e, const char *call);

/* What mqsd told of a leg's call (by its id), of a caller (by the Call-ID), and whose call is told
 * of. NAMES_NONE: nothing, nobody. */
size_t evidence_told_of(const struct evidence *e, struct numbered id);
size_t evidence_told_of_caller(const struct evidence *e, const struct caller *c);
size_t evidence_caller_of(const struct evidence *e, const struct told *told);

/* Says whose call `told` is; the join of both sides. */
void evidence_join(struct evidence *e, struct told *told, const char *sip_id);

/* What to note in the record that failed. */
uint32_t evidence_fail(struct evidence *e, uint32_t sip_id, int64_t at, const char *text);
/* NULL: SIPp did not give up on it. And in its words. */
const struct failure *evidence_failure(const struct evidence *e, uint32_t failure);
const char *evidence_failed(const struct evidence *e, uint32_t failure);

/* "<call>.<n>" to what is kept of it, and back. */
struct numbered evidence_number(struct evidence *e, const char *id);
const char *evidence_id(const struct evidence *e, struct numbered id, char out[EVIDENCE_ID_MAX]);
const char *evidence_shown_id(const struct evidence *e, struct numbered id,
			      char out[EVIDENCE_ID_MAX]);
bool evidence_same(struct numbered a, struct numbered b);

/* A late channel's was no call: what else was told of that caller is the caller's. */
bool evidence_late(const struct evidence *e, const struct told *told);
void evidence_part(struct evidence *e, const struct told *told);

/* New records, zeroed, to be filled by the caller. */
struct login *evidence_login(struct evidence *e);
struct refusal *evidence_refusal(struct evidence *e);
struct death *evidence_death(struct evidence *e);
struct drain *evidence_drain(struct evidence *e);

/*
 * What a look at a node showed: first the look itself, then what is new in it or has changed, and
 * what is gone. A channel that was shown before, and has not become another's since, keeps its
 * record. What neither is shown again nor gone is still there: evidence_looked() says so in the
 * records, when the last look has been read. "" and NULL: not shown.
 */
void evidence_look(struct evidence *e, int64_t at, const char *node);
void evidence_sight(struct evidence *e, int64_t at, const char *node, const char *sip_id,
		    const char *call, const char *bridge);
void evidence_sight_bridge(struct evidence *e, int64_t at, const char *node, const char *id);
void evidence_gone(struct evidence *e, const char *node, const char *sip_id);
void evidence_gone_bridge(struct evidence *e, const char *node, const char *id);
void evidence_looked(struct evidence *e);

/* Kept as long as there are not too many, else counted. */
void evidence_stray(struct evidence *e, const char *witness, const char *text);
void evidence_violation(struct evidence *e, const char *rule, const char *event, int64_t at_ms,
			const char *text);

/* When the call was over, as this witness saw it; 0: it was not. */
int64_t caller_end(const struct caller *c);
int64_t leg_end(const struct leg *leg);

/* Bytes that all of it takes. */
size_t evidence_size(const struct evidence *e);
void evidence_free(struct evidence *e);

#endif
