/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECKER_PRIV_H
#define LIB_CHECKER_PRIV_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uthash.h>

#include "lib/checker.h"
#include "lib/checker_heap.h"
#include "lib/text.h"

/* What the checker's files share: the model that events are held against, and how rules see both.
 */

#define CHECKER_ID_MAX	 96 /* a call's or leg's id, with its NUL; longer ones are no ids */
#define CHECKER_TEXT_MAX 512

enum checker_call_state {
	CHECKER_CALL_NONE,
	CHECKER_CALL_WAITING,
	CHECKER_CALL_HELD,
	CHECKER_CALL_RINGING,
	CHECKER_CALL_TALKING,
	CHECKER_CALL_ENDED,
	CHECKER_CALL_STATES,
};

enum checker_agent_state {
	CHECKER_AGENT_NONE,
	CHECKER_AGENT_LOGGED_OUT,
	CHECKER_AGENT_IDLE,
	CHECKER_AGENT_RINGING,
	CHECKER_AGENT_TALKING,
	CHECKER_AGENT_WRAPUP,
	CHECKER_AGENT_STATES,
};

extern const char *const checker_call_state_names[CHECKER_CALL_STATES];
extern const char *const checker_agent_state_names[CHECKER_AGENT_STATES];

/* Index of a name in a table of names; 0, which is NONE, when it is none of them. */
unsigned checker_state_of(const char *const *names, unsigned count, const char *name);

/* A yes or no of which a stream read from its middle may not have told. */
enum checker_known { CHECKER_UNKNOWN, CHECKER_NO, CHECKER_YES };

struct checker_queue;
struct checker_agent;

/* Waiting calls of one queue and priority that could be offered. */
struct checker_line {
	struct checker_line *next;
	int64_t priority;
	struct checker_heap heap;
};

struct checker_queue {
	UT_hash_handle hh;
	char name[TEXT_NAME_MAX + 1];
	bool known; /* created as far as the stream tells, not deleted */
	struct checker_line *lines;
	size_t waiting, idle; /* calls that could be offered, members that could take one */
	size_t live;	      /* calls in it */
	int64_t gap_since;    /* ms: since then both; 0: no gap */
	bool gap_told, gap_by_time;
	bool unsure, dirty;
	SLIST_ENTRY(checker_queue) dirty_entry;
	LIST_ENTRY(checker_queue) gap_entry;
};

struct checker_node {
	UT_hash_handle hh;
	char name[TEXT_NAME_MAX + 1];
	char state[16]; /* "" not known */
	bool circuit;	/* open: its calls are to be held */
};

struct checker_leg {
	char id[CHECKER_ID_MAX];
	struct checker_agent *agent;
	bool dialled;
	bool blind; /* its agent was made to forget it */
};

struct checker_call {
	UT_hash_handle hh;
	TAILQ_ENTRY(checker_call) ended_entry;
	struct checker_heap_item item; /* in its queue's line */
	char id[CHECKER_ID_MAX];
	struct checker_queue *queue;
	struct checker_node *node;
	enum checker_call_state state;
	bool unsure; /* Redis may have forgotten, or the stream began later */
	bool touched, in_ended, counted;
	bool blind; /* its agent was made to forget it */
	int64_t entered, priority;
	bool priority_known;
	int64_t put_back_at; /* when it last went from ringing to waiting */
	uint64_t n;	     /* the highest number of its ids */
	char offer[CHECKER_ID_MAX], bridge[CHECKER_ID_MAX];
	struct checker_leg *legs; /* that were offered and are not over */
	size_t leg_count;
	bool legs_known;
	char leg[CHECKER_ID_MAX]; /* that won */
	struct checker_agent *agent;
	bool bridged;
	int64_t since; /* of its state */
	char last_event[40];
};

struct checker_member {
	struct checker_queue *queue;
	enum checker_known paused; /* in that queue alone */
};

struct checker_agent {
	UT_hash_handle hh;
	TAILQ_ENTRY(checker_agent) backoff_entry;
	char name[TEXT_NAME_MAX + 1];
	bool known; /* added as far as the stream tells, not removed */
	bool unsure;
	bool touched, in_backoff;
	bool members_known; /* all of its memberships were told */
	enum checker_agent_state state;
	enum checker_known paused, unreachable, registered;
	int64_t backoff; /* ms: not offered a call before */
	char call[CHECKER_ID_MAX], leg[CHECKER_ID_MAX];
	struct checker_member *memberships;
	size_t queue_count;
	bool counted; /* in its queues' `idle`, but for those where it is paused */
	int64_t since;
	char last_event[40];
};

/* Something half done that has to be finished by then. */
struct checker_debt {
	STAILQ_ENTRY(checker_debt) entry;
	int64_t since, due;
	char call[CHECKER_ID_MAX], agent[TEXT_NAME_MAX + 1];
	char event[40];
};

/* A fault that may be one in passing. */
struct checker_suspicion {
	UT_hash_handle hh;
	char text[CHECKER_TEXT_MAX];
	int64_t since;
	uint64_t look; /* that found it last */
	bool told;
};

TAILQ_HEAD(checker_backoffs, checker_agent);
TAILQ_HEAD(checker_calls, checker_call);
SLIST_HEAD(checker_dirty, checker_queue);
LIST_HEAD(checker_gaps, checker_queue);
STAILQ_HEAD(checker_debts, checker_debt);

#define CHECKER_TOUCHED_MAX 4096

struct checker {
	struct checker_options options;
	struct checker_call *calls;
	struct checker_agent *agents;
	struct checker_queue *queues;
	struct checker_node *nodes;
	struct checker_calls ended; /* oldest first */
	size_t ended_count;
	struct checker_backoffs backoffs; /* by time */
	struct checker_debts debts;
	struct checker_dirty dirty; /* queues whose sums have changed */
	struct checker_gaps gaps;
	int64_t settle_from; /* since then an mqsd is known to be there, ms */
	struct checker_call *touched_calls[CHECKER_TOUCHED_MAX];
	struct checker_agent *touched_agents[CHECKER_TOUCHED_MAX];
	size_t touched_call_count, touched_agent_count;
	int64_t at;	  /* of the last event, ms */
	char last_id[40]; /* of the last event */
	bool whole;	  /* the stream tells all that ever was in the pool */
	bool circuit;	  /* Kamailio's is open: all calls are to be held */
	bool recovering;
	bool told_again; /* recovered events came in this recovery */
	int64_t recovering_since;
	struct checker_suspicion *suspicions;
	uint64_t looks;
	struct checker_figures figures;
	uint64_t *by_rule;
	size_t rule; /* row being looked at */
};

/* The events that the model follows; the order is that of the rows in checker_apply.c. */
enum checker_kind {
	CHECKER_ON_OTHER,
	CHECKER_ON_CALL_ENTERED,
	CHECKER_ON_CALL_HELD,
	CHECKER_ON_CALL_RELEASED,
	CHECKER_ON_CALL_PRIORITY,
	CHECKER_ON_CALL_MOVED,
	CHECKER_ON_CALL_TRANSFERRED,
	CHECKER_ON_OFFER_MADE,
	CHECKER_ON_OFFER_DIALLED,
	CHECKER_ON_OFFER_FAILED,
	CHECKER_ON_CALL_ANSWERED,
	CHECKER_ON_CALL_ADOPTED,
	CHECKER_ON_CALL_BRIDGED,
	CHECKER_ON_CALL_ENDED,
	CHECKER_ON_AGENT_STATE,
	CHECKER_ON_AGENT_PAUSED,
	CHECKER_ON_AGENT_UNPAUSED,
	CHECKER_ON_AGENT_UNREACHABLE,
	CHECKER_ON_AGENT_REACHABLE,
	CHECKER_ON_AGENT_REGISTERED,
	CHECKER_ON_AGENT_UNREGISTERED,
	CHECKER_ON_AGENT_ADDED,
	CHECKER_ON_AGENT_REMOVED,
	CHECKER_ON_AGENT_RESET,
	CHECKER_ON_MEMBER_ADDED,
	CHECKER_ON_MEMBER_PAUSED,
	CHECKER_ON_MEMBER_UNPAUSED,
	CHECKER_ON_MEMBER_REMOVED,
	CHECKER_ON_QUEUE_CREATED,
	CHECKER_ON_QUEUE_DELETED,
	CHECKER_ON_NODE_STATE,
	CHECKER_ON_NODE_REMOVED,
	CHECKER_ON_CIRCUIT_OPENED,
	CHECKER_ON_CIRCUIT_CLOSED,
	CHECKER_ON_RECOVERY_STARTED,
	CHECKER_ON_RECOVERED,
	CHECKER_ON_RECOVERY_DONE,
	CHECKER_ON_INSTANCE_STARTED,
	CHECKER_ON_INSTANCE_STOPPED,
	CHECKER_KINDS,
};

/* One event, and the objects it names (made when they were not known). */
struct checker_news {
	enum checker_kind kind;
	const char *id, *name;
	const json_t *json;
	int64_t at;
	struct checker_call *call;
	struct checker_agent *agent;
	struct checker_queue *queue;
	struct checker_node *node;
	bool call_new, agent_new, queue_new;
};

/* A text field, "" when absent; a number, or `otherwise`. */
const char *checker_field(const struct checker_news *news, const char *name);
int64_t checker_number(const struct checker_news *news, const char *name, int64_t otherwise);

/* Is this offer an operator's, who may pass over queues and their order? */
bool checker_by_hand(const struct checker_news *news);

/* What an event is about. */
#define CHECKER_CALL  1U
#define CHECKER_AGENT 2U
#define CHECKER_QUEUE 4U
#define CHECKER_NODE  8U

/* Rows of the events. */
struct checker_kind_row {
	const char *name;
	void (*apply)(struct checker *k, const struct checker_news *news);
	unsigned from;		       /* a call's states that it may come in: 1 << state */
	enum checker_call_state learn; /* what an unsure call was before, NONE: the field `state` */
	unsigned needs;		       /* objects without which it cannot be followed */
};
extern const struct checker_kind_row checker_kinds[CHECKER_KINDS];
enum checker_kind checker_kind_of(const char *name);

/* Finds or makes what the event names, and learns what is not sure. */
void checker_news_resolve(struct checker *k, struct checker_news *news);

/* A leg of the live offer; NULL: none of that id. */
struct checker_leg *checker_leg_find(const struct checker_call *call, const char *id);

/* Model: finding, making, the few changes that keep its sums right. */
struct checker_call *checker_call_find(const struct checker *k, const char *id);
struct checker_call *checker_call_make(struct checker *k, const char *id);
struct checker_agent *checker_agent_find(const struct checker *k, const char *name);
struct checker_agent *checker_agent_make(struct checker *k, const char *name);
struct checker_queue *checker_queue_find(const struct checker *k, const char *name);
struct checker_queue *checker_queue_make(struct checker *k, const char *name);
struct checker_node *checker_node_find(const struct checker *k, const char *name);
struct checker_node *checker_node_make(struct checker *k, const char *name);

void checker_call_set(struct checker *k, struct checker_call *call, enum checker_call_state state);
/* Which queue and node it belongs to. */
void checker_call_place(struct checker *k, struct checker_call *call, struct checker_queue *queue,
			struct checker_node *node);
void checker_call_forget(struct checker *k, struct checker_call *call);
void checker_call_touch(struct checker *k, struct checker_call *call);
void checker_agent_touch(struct checker *k, struct checker_agent *agent);
bool checker_call_live(const struct checker_call *call);
bool checker_call_offerable(const struct checker *k, const struct checker_call *call);
bool checker_agent_available(const struct checker *k, const struct checker_agent *agent);
/* Its membership, NULL: none. */
struct checker_member *checker_agent_member(const struct checker_agent *agent,
					    const struct checker_queue *queue);
void checker_agent_join(struct checker *k, struct checker_agent *agent, struct checker_queue *q);
void checker_agent_part(struct checker *k, struct checker_agent *agent, struct checker_queue *q);
void checker_member_pause(struct checker *k, const struct checker_agent *agent,
			  struct checker_member *member, enum checker_known paused);
/* After anything that may change whether it could be offered, or take, a call. */
void checker_call_recount(struct checker *k, struct checker_call *call);
void checker_agent_recount(struct checker *k, struct checker_agent *agent);
/* Of all nodes when it is NULL. */
void checker_node_recount(struct checker *k, const struct checker_node *node);
void checker_agent_back_off(struct checker *k, struct checker_agent *agent, int64_t until);
void checker_owe(struct checker *k, const char *call, const char *agent);
void checker_model_free(struct checker *k);

/* Everything is uncertain from now on. Live calls that were so already are lost if Redis is empty.
 */
void checker_model_doubt(struct checker *k, bool wiped);
/* Drops the live calls that nobody spoke of. */
void checker_model_settle(struct checker *k);

/* Gaps (work conservation): what opened or closed since the last look; what is open does not count
 * so far, because an mqsd came or went. */
void checker_gaps_look(struct checker *k, bool by_time);
void checker_gaps_excuse(struct checker *k);

/* Rules: each looks at the event before the model takes it, or at the model between two scripts. */
typedef void checker_on_event(struct checker *k, const struct checker_news *news);
typedef void checker_on_script(struct checker *k);
typedef void checker_on_dump(struct checker *k, const struct checker_dump *dump);

checker_on_event checker_event_form, checker_stream_order, checker_call_once, checker_call_known,
	checker_call_reason, checker_call_moves, checker_one_offer, checker_leg_order,
	checker_ids_new, checker_agent_free, checker_agent_in_queue, checker_one_call,
	checker_agent_moves, checker_overlays, checker_objects, checker_order_kept,
	checker_recovery_quiet, checker_node_moves;
checker_on_script checker_both_sides, checker_work_conserved, checker_settled;
checker_on_dump checker_redis_faults, checker_channels_owned, checker_channels_there,
	checker_bridges_talk, checker_end_redis, checker_end_nodes, checker_end_dialogs,
	checker_end_transactions, checker_end_events;

/* Says that the rule being looked at does not hold. news may be NULL. */
void checker_violate(struct checker *k, const struct checker_news *news, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Runs the rules of that look; they say what they find through checker_violate(). */
void checker_rules_event(struct checker *k, const struct checker_news *news);
void checker_rules_script(struct checker *k);
void checker_rules_dump(struct checker *k, const struct checker_dump *dump, enum checker_look look);
/* Makes that row the one being looked at. */
void checker_rule_enter(struct checker *k, checker_on_script *script);
void checker_suspicions_free(struct checker *k);

/* Lets the pool's time pass to `at`: back-offs end, gaps open. */
void checker_time_pass(struct checker *k, int64_t at);

#endif
