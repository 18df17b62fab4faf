/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECKER_H
#define LIB_CHECKER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The invariant checker: is what a pool says of itself possible? It is fed with the events of one
 * pool, in the order of the stream, and follows calls, agents, queues and nodes through them. A
 * rule that does not hold is a violation, told at once. Pure: no I/O, no clock; its time is `at`.
 *
 * A stream need not be read from its beginning: what was before is learned from the events, and a
 * rule that needs it is silent until then. recovery_started makes everything uncertain again: what
 * Redis lost is no violation, but from recovery_done on all must fit together.
 *
 * Memory: live calls; the newest CHECKER_ENDED_MAX ended ones (0.5 KiB each), so that late words
 * about them are noticed; and each name of an agent, queue or node that was ever heard.
 */
struct checker;

#define CHECKER_ENDED_MAX 16384

/* What a rule looks at: the stream, what Redis holds, that and what the nodes show, and all of them
 * when nothing should be left. */
enum checker_look { CHECKER_EVENTS, CHECKER_REDIS, CHECKER_NODES, CHECKER_END };

/* One row per rule. */
struct checker_rule {
	const char *id;
	const char *sentence; /* what holds */
	enum checker_look looks_at;
};

size_t checker_rule_count(void);
const struct checker_rule *checker_rule_at(size_t i);

/* Strings are good until the callback returns. */
struct checker_violation {
	const struct checker_rule *rule;
	const char *event; /* id of the event that showed it, "" when none did */
	int64_t at;	   /* ms since the epoch, the pool's clock */
	const char *text;  /* the objects, and what is wrong with them */
};

struct checker_options {
	/* Waiting call and idle agent may exist together for so long: where a script's bound ended
	 * a match, the next one goes on with it. */
	int64_t idle_ms;
	/* The same when time alone brought it about (a back-off is over): what an mqsd needs to
	 * come round to what is due. */
	int64_t late_ms;
	/* A half-done thing (an agent whose call ended, a conversation not bridged) is finished
	 * within, while its node is up. 0: not looked at. */
	int64_t settle_ms;
	/* What a node shows and Redis does not have, or the other way round, is looked at again for
	 * so long before it is a violation. */
	int64_t patience_ms;
	void (*violated)(void *arg, const struct checker_violation *v);
	void *arg;
};

extern const struct checker_options checker_defaults; /* no callback */

struct checker *checker_new(const struct checker_options *options);
void checker_free(struct checker *checker);

/* One event of the stream. -1: it is none (no name, no time); nothing was looked at. */
int checker_event(struct checker *checker, const char *id, const json_t *event);

/*
 * One line of a file of events: `id TAB name TAB JSON` as loadtest records them, or JSON with its
 * id in it, as "mqsctl --json events" prints them. -1: neither.
 */
int checker_line(struct checker *checker, const char *line);

/*
 * Says that a script has ended: what holds between scripts is looked at. Without it that is done
 * whenever the pool's clock goes on, which a whole script shares one reading of.
 */
void checker_script_ended(struct checker *checker);

/* Says that no more events come for now: as above, and gaps that are open are counted until
 * `now_ms` (0: the last event's time). */
void checker_pause(struct checker *checker, int64_t now_ms);

/* What was read of the servers. All is borrowed; what is NULL is not looked at. */
struct checker_dump {
	int64_t at;	       /* ms, any clock that goes on */
	const json_t *redis;   /* reply of loadtest/recount.lua */
	const json_t *nodes;   /* [{name, channels, bridges}]: bodies of a node's GET /channels and
				  /bridges; a node that did not answer is left out */
	const json_t *dialogs; /* [text]: dialogs that Kamailio has */
	int64_t transactions;  /* that Kamailio has not finished */
	bool shared;	       /* others have calls, too: a live one in the events may be theirs */
};

/* Looks at a running pool. The nodes' lists are read after Redis was. */
void checker_look(struct checker *checker, const struct checker_dump *dump);

/* Suspicions of the last look that are no violations yet. */
size_t checker_suspicions(const struct checker *checker);

/* Every call is over: nothing may be left. */
void checker_end(struct checker *checker, const struct checker_dump *dump);

struct checker_figures {
	uint64_t events, violations;
	size_t live_calls, kept_calls;	    /* kept: ended ones in memory */
	uint64_t entered, ended, recovered; /* recovered: told again after a recovery began */
	uint64_t lost;			    /* live calls that a recovery did not bring back */
	uint64_t resets;		    /* agents made to forget their calls */
	uint64_t recoveries;
	int64_t recovering_ms;
	int64_t idle_ms; /* a waiting call and an agent for it existed together, summed over queues
			  */
	int64_t excused_ms; /* of these, around an mqsd's start and stop */
	int64_t longest_ms; /* one such time */
};
void checker_figures(const struct checker *checker, struct checker_figures *out);

/* Violations of one rule so far. */
uint64_t checker_rule_violations(const struct checker *checker, size_t rule);

#endif
