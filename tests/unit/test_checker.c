/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariant checker: histories that are right, and for each rule one that is not. A history is
 * text, one event a line: ms after the start, name, field=value...
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checker.h"
#include "lib/event.h"
#include "lib/mem.h"

#define START 1795435200000LL

struct log {
	char text[4096]; /* "rule: what\n" of each violation */
	char rule[64];	 /* of the first */
	unsigned count;
	unsigned number; /* of the last event */
};

/* A queue with agents x and y, who are idle, and z, who is logged out; a member of q2 is y alone.
 */
static const char base[] = "0 recovery_started reason=empty\n"
			   "0 instance_started instance=i1 version=1\n"
			   "0 node_state node=a1 old=connecting new=up reason=reconciled\n"
			   "0 recovery_done took_ms=0\n"
			   "1 queue_created queue=q\n"
			   "1 queue_created queue=q2\n"
			   "1 agent_added agent=x address=x login=manual\n"
			   "1 agent_added agent=y address=y login=manual\n"
			   "1 agent_added agent=z address=z login=manual\n"
			   "2 member_added queue=q agent=x penalty=0\n"
			   "2 member_added queue=q agent=y penalty=0\n"
			   "2 member_added queue=q2 agent=y penalty=0\n"
			   "2 member_added queue=q agent=z penalty=0\n"
			   "3 agent_state agent=x old=logged_out new=idle reason=login\n"
			   "3 agent_state agent=y old=logged_out new=idle reason=login\n";

#define ENTER_OF(at, c, entered)                                                                   \
#at " call_entered call=" #c " queue=q node=a1 channel=ch" #c                              \
	    " priority=0 entered_ms=" #entered " reason=entered\n"
#define ENTER(at, c) ENTER_OF(at, c, at)
#define OFFER(at, c, n, g)                                                                         \
#at " offer_made call=" #c " queue=q node=a1 agent=" #g " leg=" #c "." #n "2 offer=" #c    \
	    "." #n "1 wait_ms=0 reason=matched\n" #at " agent_state agent=" #g                     \
	    " old=idle new=ringing reason=offered call=" #c "\n"
#define OF_LEG(at, what, c, n, g, more)                                                            \
#at " " #what " call=" #c " queue=q node=a1 agent=" #g " leg=" #c "." #n "2 offer=" #c     \
	    "." #n "1 " more "\n"
#define STATE(at, g, old, new, c)                                                                  \
#at " agent_state agent=" #g " old=" #old " new=" #new " reason=r call=" #c "\n"
#define DIAL(at, c, n, g) OF_LEG(at, offer_dialled, c, n, g, "")
#define FAIL(at, c, n, g) OF_LEG(at, offer_failed, c, n, g, "ring_ms=0 reason=gone")
#define ANSWER(at, c, n, g)                                                                        \
	OF_LEG(at, call_answered, c, n, g, "reason=answered bridge=" #c "." #n "3")                \
	STATE(at, g, ringing, talking, c)
#define BRIDGE(at, c, n, g)                                                                        \
#at " call_bridged call=" #c " queue=q node=a1 agent=" #g " leg=" #c "." #n "2 bridge=" #c \
	    "." #n "3 connect_ms=1\n"
#define END(at, c, state)                                                                          \
#at " call_ended call=" #c " queue=q node=a1 state=" #state " reason=abandoned\n"
#define END_TALK(at, c, n, g)                                                                      \
#at " call_ended call=" #c " queue=q node=a1 state=talking agent=" #g " leg=" #c "." #n    \
	    "2 reason=agent_left\n" STATE(at, g, talking, idle, c)
#define LOG_OUT(at, g) STATE(at, g, idle, logged_out, )
#define LOG_IN(at, g)  STATE(at, g, logged_out, idle, )

static void
violated(void *arg, const struct checker_violation *v)
{
	struct log *log = arg;
	size_t len = strlen(log->text);

	if (log->count++ == 0)
		snprintf(log->rule, sizeof(log->rule), "%s", v->rule->id);
	snprintf(log->text + len, sizeof(log->text) - len, "%s: %s (event %s at %lld)\n",
		 v->rule->id, v->text, v->event, (long long)(v->at - START));
}

static void
add_field(json_t *event, const struct event_row *row, char *word)
{
	char *value = strchr(word, '=');
	const struct event_field *field;

	assert_non_null(value);
	*value++ = '\0';
	field = row != NULL ? event_field_find(row, word) : NULL;
	if (field != NULL && strcmp(word, "entered_ms") == 0)
		json_object_set_new(event, word, json_integer(START + atoll(value)));
	else if (field != NULL &&
		 (strcmp(field->unit, "number") == 0 || strcmp(field->unit, "ms") == 0))
		json_object_set_new(event, word, json_integer(atoll(value)));
	else
		json_object_set_new(event, word, json_string(value));
}

/* One line; `@ID` before the name gives the event an id of its own. */
static void
feed_line(struct checker *checker, struct log *log, char *line)
{
	char *rest, *word = strtok_r(line, " ", &rest), id[40];
	json_t *event = json_object();
	const struct event_row *row;
	long long at = START + atoll(word);

	snprintf(id, sizeof(id), "%lld-%u", START, log->number++);
	json_object_set_new(event, "at", json_integer(at));
	word = strtok_r(NULL, " ", &rest);
	if (*word == '@') {
		snprintf(id, sizeof(id), "%s", word + 1);
		word = strtok_r(NULL, " ", &rest);
	}
	json_object_set_new(event, "event", json_string(word));
	row = event_find(word);
	while ((word = strtok_r(NULL, " ", &rest)) != NULL)
		add_field(event, row, word);
	assert_int_equal(checker_event(checker, id, event), 0);
	json_decref(event);
}

static void
feed(struct checker *checker, struct log *log, const char *history)
{
	char *text = mem_dup(history), *rest, *line;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		feed_line(checker, log, line);
	free(text);
}

static void
run(const char *begin, const char *history, struct log *log, struct checker_figures *figures)
{
	struct checker_options options = {
		.idle_ms = 0, .late_ms = 5, .settle_ms = 30000, .violated = violated, .arg = log};
	struct checker *checker = checker_new(&options);

	*log = (struct log){.count = 0};
	feed(checker, log, begin);
	feed(checker, log, history);
	checker_pause(checker, 0);
	if (figures != NULL)
		checker_figures(checker, figures);
	checker_free(checker);
}

/* clang-format off */

/* Histories in which all holds. */
static const struct good {
	const char *what, *history;
} good_rows[] = {
	{"nothing", ""},
	{"a whole call", ENTER(10, c1) OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) ANSWER(20, c1, 1, x)
	 BRIDGE(21, c1, 1, x) END_TALK(90, c1, 1, x)},
	{"no answer, put back, offered to the next", ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) FAIL(20, c1, 1, x)
	 "20 agent_state agent=x old=ringing new=idle reason=no_answer call=c1 "
	 "backoff_ms=500\n" OFFER(20, c1, 2, y) DIAL(21, c1, 2, y) ANSWER(30, c1, 2, y)
	 BRIDGE(31, c1, 2, y) END_TALK(90, c1, 2, y)},
	{"put back and held by its node, released", ENTER(10, c1) OFFER(10, c1, 1, x)
	 FAIL(20, c1, 1, x) "20 call_held call=c1 queue=q node=a1 state=ringing " "reason=node\n"
	 STATE(20, x, ringing, idle, c1) "30 call_released call=c1 queue=q node=a1 "
	 "reason=due\n" OFFER(30, c1, 2, y) END(40, c1, ringing) STATE(50, y, ringing, idle, c1)},
	{"answered and put back, since the agent left before the bridge", ENTER(10, c1)
	 OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) ANSWER(20, c1, 1, x) FAIL(25, c1, 1, x)
	 "25 agent_state agent=x old=talking new=idle reason=agent_left call=c1 "
	 "backoff_ms=500\n" OFFER(25, c1, 2, y) DIAL(26, c1, 2, y) ANSWER(30, c1, 2, y)
	 BRIDGE(31, c1, 2, y) END_TALK(90, c1, 2, y)},
	{"the same, and held by its node", LOG_OUT(9, y) ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) ANSWER(20, c1, 1, x) FAIL(25, c1, 1, x)
	 "25 call_held call=c1 queue=q node=a1 state=talking reason=node\n"
	 STATE(25, x, talking, idle, c1) END(40, c1, held)},
	{"found talking in another call; the end of the first is seen later", LOG_OUT(9, y)
	 ENTER(10, c1) OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) ANSWER(12, c1, 1, x)
	 BRIDGE(13, c1, 1, x) ENTER(14, c2)
	 "20 agent_state agent=x old=talking new=idle reason=redis_forgot call=c1\n"
	 "20 call_adopted call=c2 queue=q node=a1 state=waiting agent=x leg=c2.2 bridge=c2.3 "
	 "reason=redis_forgot\n" STATE(20, x, idle, ringing, c2)
	 STATE(20, x, ringing, talking, c2) "30 call_ended call=c1 queue=q node=a1 "
	 "state=talking agent=x leg=c1.12 reason=agent_left\n"},
	{"the caller leaves while it rings; the agent is free when its leg is gone", ENTER(10, c1)
	 OFFER(10, c1, 1, x) END(12, c1, ringing) STATE(14, x, ringing, idle, c1)},
	{"in order although one was put back", LOG_OUT(9, y) ENTER(10, c1) OFFER(10, c1, 1, x)
	 ENTER(11, c2) ENTER(12, c3) FAIL(20, c1, 1, x) STATE(20, x, ringing, idle, c1)
	 OFFER(20, c1, 2, x) LOG_IN(21, y) OFFER(21, c2, 1, y)},
	{"no back-off is over before the offer", LOG_OUT(9, y) ENTER(10, c1) OFFER(10, c1, 1, x)
	 FAIL(20, c1, 1, x) "20 agent_state agent=x old=ringing new=idle reason=busy call=c1 "
	 "backoff_ms=100\n" OFFER(120, c1, 2, x)},
	{"an agent is made to forget a call and taken by another", LOG_OUT(9, y) ENTER(10, c1)
	 OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) "12 agent_reset agent=x call=c1\n"
	 STATE(12, x, ringing, idle, c1) ENTER(13, c2) OFFER(13, c2, 1, x) DIAL(14, c2, 1, x)
	 OF_LEG(15, call_answered, c1, 1, x, "reason=answered bridge=c1.13") ANSWER(16, c2, 1, x)},
	{"an agent forgot the call, and is taken again when it answers", ENTER(10, c1)
	 OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) "12 agent_reset agent=x " "call=c1\n"
	 STATE(12, x, ringing, idle, c1)
	 OF_LEG(15, call_answered, c1, 1, x, "reason=answered bridge=c1.13")
	 STATE(15, x, idle, ringing, c1) STATE(15, x, ringing, talking, c1)},
	{"one that is paused in the queue alone is left alone, too", LOG_OUT(9, y)
	 "9 member_paused queue=q agent=x reason=r\n9 member_added queue=q agent=x penalty=3\n"
	 ENTER(11, c1) "20 member_unpaused queue=q agent=x reason=r\n" OFFER(20, c1, 1, x)},
	{"a paused agent is left alone", LOG_OUT(9, y) "10 agent_paused agent=x reason=lunch\n"
	 "10 agent_paused agent=x reason=tea\n" ENTER(11, c1)
	 "20 agent_unpaused agent=x reason=tea\n" OFFER(20, c1, 1, x)},
	{"a dead node's waiting calls may stand beside idle agents",
	 "9 node_state node=a1 old=up new=dead reason=x\n" ENTER(10, c1) "5000 node_state "
	 "node=a1 old=dead new=up reason=x\n" OFFER(5000, c1, 1, x)},
	{"a node that is added again is another",
	 "9 node_removed node=a1 url=u\n9 node_added node=a1 url=u sip=s\n"
	 "9 node_state node=a1 old=connecting new=up reason=x\n"},
	{"so may those behind a circuit that is open",
	 "9 circuit_opened circuit=node node=a1 fails=3\n" ENTER(10, c1)
	 "20 circuit_closed circuit=node node=a1 reason=worked\n" OFFER(20, c1, 1, x)
	 "21 circuit_opened circuit=kamailio fails=3\n" ENTER(22, c2)
	 "30 circuit_closed circuit=kamailio reason=worked\n" OFFER(30, c2, 1, y)},
	{"Redis forgot: the call is entered again, agents and order are learned anew",
	 LOG_OUT(9, y) LOG_OUT(9, x) ENTER(10, c1) ENTER(11, c2)
	 "30 recovery_started reason=empty\n" ENTER_OF(31, c1, 10) ENTER_OF(32, c2, 11)
	 "40 agent_state agent=x old=logged_out new=idle reason=login\n"
	 "50 recovery_done took_ms=20\n" OFFER(50, c1, 1, x)},
	{"Redis lost the last writes: an answer is told again", ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) ANSWER(20, c1, 1, x) "30 recovery_started reason=redis_changed\n"
	 ANSWER(31, c1, 1, x) "32 recovery_done took_ms=2\n" BRIDGE(33, c1, 1, x)
	 END_TALK(40, c1, 1, x)},
	{"all is told again, and what is not is lost", LOG_OUT(9, y) ENTER(10, c1)
	 OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) ANSWER(20, c1, 1, x) ENTER(21, c2) ENTER(22, c3)
	 "30 recovery_started reason=redis_changed\n"
	 "31 recovered agent=x call=c1 leg=c1.12 state=ringing reason=kept\n"
	 "31 recovered agent=y state=idle reason=kept backoff_ms=100\n"
	 "31 recovered call=c1 queue=q node=a1 agent=x leg=c1.12 offer=c1.11 ring_ms=20 state=ringing\n"
	 "31 recovered call=c2 queue=q node=a1 state=waiting reason=kept\n"
	 "31 recovery_done took_ms=1\n" ANSWER(32, c1, 1, x) BRIDGE(33, c1, 1, x)
	 OFFER(131, c2, 1, y) END_TALK(140, c1, 1, x)},
	{"a conversation that a recovery tells of may go on for long", LOG_OUT(9, y) ENTER(10, c1)
	 OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) ANSWER(20, c1, 1, x) BRIDGE(21, c1, 1, x)
	 "30 recovery_started reason=redis_changed\n"
	 "31 recovered agent=x call=c1 leg=c1.12 state=talking reason=kept\n"
	 "31 recovered call=c1 queue=q node=a1 agent=x leg=c1.12 bridge=c1.13 state=talking\n"
	 "32 recovery_done took_ms=2\n90000 queue_created queue=q3\n" END_TALK(90001, c1, 1, x)},
	{"so may one that was found on its node",
	 "9 recovery_started reason=empty\n" ENTER(10, c1)
	 "11 call_adopted call=c1 queue=q node=a1 agent=x leg=c1.12 bridge=c1.13 state=waiting "
	 "bridged_ms=5 "
	 "reason=redis_forgot\n" STATE(11, x, idle, ringing, c1) STATE(11, x, ringing, talking, c1)
	 "12 recovery_done took_ms=3\n90000 queue_created queue=q3\n" END_TALK(90001, c1, 1, x)},
	{"transferred to another queue, and connected there", LOG_OUT(9, y) ENTER(10, c1)
	 OFFER(10, c1, 1, x) DIAL(11, c1, 1, x) ANSWER(20, c1, 1, x) BRIDGE(21, c1, 1, x)
	 STATE(30, x, talking, idle, c1)
	 "30 call_transferred call=c1 queue=q2 node=a1 queue_was=q agent=x leg=c1.12 talk_ms=10\n"
	 "40 agent_state agent=y old=logged_out new=idle reason=login\n"
	 "40 offer_made call=c1 queue=q2 node=a1 agent=y leg=c1.22 offer=c1.21 reason=matched\n"
	 STATE(40, y, idle, ringing, c1)},
	{"offered by hand, past another and to one of another queue", LOG_OUT(9, x) LOG_OUT(9, y)
	 ENTER(10, c1) ENTER(11, c2) "12 agent_added agent=w address=w login=manual\n"
	 "12 agent_state agent=w old=logged_out new=idle reason=login\n"
	 "13 offer_made call=c2 queue=q node=a1 agent=w leg=c2.12 offer=c2.11 reason=operator\n"
	 STATE(13, w, idle, ringing, c2)},
	{"put first by its priority", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1) ENTER(11, c2)
	 "12 call_priority call=c2 queue=q node=a1 state=waiting priority=5 priority_was=0\n"
	 LOG_IN(13, x) OFFER(13, c2, 1, x) LOG_IN(14, y) OFFER(14, c1, 1, y)},
	{"moved to a queue where nobody is before it", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 ENTER(11, c2) "12 call_moved call=c2 queue=q2 node=a1 state=waiting queue_was=q\n"
	 "13 call_moved call=c1 queue=q2 node=a1 state=waiting queue_was=q\n" LOG_IN(14, x)},
	{"what waits around an mqsd's end is not held against it",
	 "10 agent_paused agent=x reason=r\n10 agent_paused agent=y reason=r\n" ENTER(10, c1)
	 "10 instance_stopped instance=i1 reason=r\n"},
};

/* clang-format on */

static void
good_histories_pass(void **state)
{
	struct log log;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good_rows) / sizeof(good_rows[0]); i++) {
		run(base, good_rows[i].history, &log, NULL);
		if (log.count > 0)
			fail_msg("%s:\n%s", good_rows[i].what, log.text);
	}
}

/* clang-format off */

/* Each rule fires, and first of all rules, on what it is there for. */
static const struct bad {
	const char *rule, *word, *history;
} bad_rows[] = {
	{"event-form", "no event", "10 call_teleported call=c1\n"},
	{"event-form", "no field 'colour'", "10 queue_created queue=q3 colour=red\n"},
	{"stream-order", "comes behind", "10 @5-1 queue_created queue=q3\n"},
	{"stream-order", "goes back", "10 queue_created queue=q3\n9 queue_created queue=q4\n"},
	{"objects", "there already", "10 queue_created queue=q\n"},
	{"objects", "agent x is there already", "10 agent_added agent=x address=x login=manual\n"},
	{"objects", "not there", "10 agent_paused agent=nobody reason=r\n"},
	{"objects", "not there", "10 queue_deleted queue=q9\n"},
	{"objects", "with 1 calls", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 "11 queue_deleted queue=q\n"},
	{"objects", "no member", "10 member_removed queue=q2 agent=x\n"},
	{"objects", "has call c1", ENTER(10, c1) OFFER(10, c1, 1, x) "11 agent_removed agent=x\n"},
	{"enters-once", "is waiting already", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 ENTER(11, c1)},
	{"ends-once", "never entered", END(10, c1, waiting)},
	{"ends-once", "which ended", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 END(11, c1, waiting) END(12, c1, waiting)},
	{"end-reason", "c1 ends without", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 "11 call_ended call=c1 queue=q node=a1 state=waiting\n"},
	{"call-moves", "is waiting since", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 "11 call_released call=c1 queue=q node=a1 reason=r\n"},
	{"call-moves", "was ringing, but it is waiting", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 END(11, c1, ringing)},
	{"call-moves", "recovered as waiting, but is held", LOG_OUT(9, x) LOG_OUT(9, y) ENTER(10, c1)
	 "11 recovery_started reason=redis_changed\n"
	 "12 call_held call=c1 queue=q node=a1 state=waiting reason=r\n"
	 "13 recovered call=c1 queue=q node=a1 state=waiting\n"},
	{"agent-moves", "recovered as idle, but is wrapup",
	 "11 recovery_started reason=redis_changed\n" STATE(12, x, talking, wrapup, c1)
	 "13 recovered agent=x state=idle\n"},
	{"one-offer", "c1.11 to agent x lives", ENTER(10, c1) OFFER(10, c1, 1, x)
	 OFFER(11, c1, 2, y)},
	{"leg-order", "dialled a second time", ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) DIAL(12, c1, 1, x)},
	{"leg-order", "was not dialled", ENTER(10, c1) OFFER(10, c1, 1, x) ANSWER(12, c1, 1, x)},
	{"leg-order", "does not have", ENTER(10, c1) OFFER(10, c1, 1, x) DIAL(11, c1, 2, x)},
	{"leg-order", "made for agent x", ENTER(10, c1) OFFER(10, c1, 1, x) DIAL(11, c1, 1, y)},
	{"leg-order", "bridged a second time", ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) ANSWER(12, c1, 1, x) BRIDGE(13, c1, 1, x) BRIDGE(14, c1, 1, x)},
	{"leg-order", "put back, and was bridged on leg c1.12", ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) ANSWER(12, c1, 1, x) BRIDGE(13, c1, 1, x) FAIL(14, c1, 1, x)},
	{"leg-order", "but leg c1.12 answered", ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) ANSWER(12, c1, 1, x) FAIL(14, c1, 2, x)},
	{"leg-order", "c1.12 answered", ENTER(10, c1) OFFER(10, c1, 1, x) DIAL(11, c1, 1, x)
	 ANSWER(12, c1, 1, x) BRIDGE(13, c1, 2, x)},
	{"ids-new", "up to 12", ENTER(10, c1) OFFER(10, c1, 1, x) FAIL(11, c1, 1, x)
	 STATE(11, x, ringing, idle, c1) OFFER(11, c1, 1, x)},
	{"ids-new", "is no id of call c1", ENTER(10, c1)
	 "10 offer_made call=c1 queue=q node=a1 agent=x leg=c1.2 offer=c2.1\n"},
	{"one-call", "who has call c1", ENTER(10, c1) OFFER(10, c1, 1, x) ENTER(11, c2)
	 OFFER(11, c2, 1, x)},
	{"agent-free", "who is logged_out", ENTER(10, c1) OFFER(10, c1, 1, z)},
	{"agent-free", "who is paused", "9 agent_paused agent=x reason=r\n" ENTER(10, c1)
	 OFFER(10, c1, 1, x)},
	{"agent-free", "who is unreachable", "9 agent_unreachable agent=x reason=r\n"
	 ENTER(10, c1) OFFER(10, c1, 1, x)},
	{"agent-free", "another 1 ms", LOG_OUT(9, y) ENTER(10, c1) OFFER(10, c1, 1, x)
	 FAIL(20, c1, 1, x) "20 agent_state agent=x old=ringing new=idle reason=busy call=c1 "
	 "backoff_ms=100\n" OFFER(119, c1, 2, x)},
	{"agent-member", "x, who is paused in queue q",
	 "9 member_paused queue=q agent=x reason=r\n" ENTER(10, c1) OFFER(10, c1, 1, x)},
	{"agent-free", "who is paused", "9 agent_paused agent=x reason=r\n" ENTER(10, c1)
	 "10 offer_made call=c1 queue=q node=a1 agent=x leg=c1.12 offer=c1.11 reason=operator\n"
	 STATE(10, x, idle, ringing, c1)},
	{"leg-order", "c1.12 answered", ENTER(10, c1) OFFER(10, c1, 1, x) DIAL(11, c1, 1, x)
	 ANSWER(12, c1, 1, x) BRIDGE(13, c1, 1, x)
	 "14 call_transferred call=c1 queue=q2 node=a1 queue_was=q agent=x leg=c1.22 talk_ms=1\n"},
	{"order", "call c2 of queue q waits since", LOG_OUT(9, y) LOG_OUT(9, x) ENTER(10, c1)
	 ENTER(11, c2) "12 call_priority call=c2 queue=q node=a1 state=waiting priority=5 priority_was=0\n"
	 "12 call_priority call=c1 queue=q node=a1 state=waiting priority=5 priority_was=0\n"
	 "13 call_priority call=c1 queue=q node=a1 state=waiting priority=0 priority_was=5\n"
	 ENTER(14, c3) "15 call_priority call=c3 queue=q node=a1 state=waiting priority=5 priority_was=0\n"
	 LOG_IN(16, x) OFFER(16, c3, 1, x)},
	{"agent-member", "x, who is no member", "10 member_removed queue=q agent=x\n"
	 ENTER(10, c1) OFFER(10, c1, 1, x)},
	{"agent-moves", "cannot go from 'idle' to 'talking'", STATE(10, x, idle, talking, c1)},
	{"agent-moves", "is idle since", LOG_IN(10, x)},
	{"agent-overlays", "not paused", "10 agent_unpaused agent=x reason=r\n"},
	{"agent-overlays", "registered already",
	 "10 agent_registered agent=x\n11 agent_registered agent=x\n"},
	{"agent-overlays", "not registered", "10 agent_unregistered agent=x reason=r\n"},
	{"agent-overlays", "not unreachable", "10 agent_reachable agent=x reason=r\n"},
	{"agent-overlays", "unreachable already",
	 "10 agent_unreachable agent=x reason=r\n11 agent_unreachable agent=x reason=r\n"},
	{"both-sides", "rings agent x on leg c1.12, who is idle", ENTER(10, c1)
	 "10 offer_made call=c1 queue=q node=a1 agent=x leg=c1.12 offer=c1.11\n"},
	{"both-sides", "talks to agent x, who is ringing", ENTER(10, c1) OFFER(10, c1, 1, x)
	 DIAL(11, c1, 1, x) OF_LEG(12, call_answered, c1, 1, x, "reason=answered bridge=c1.13")},
	{"both-sides", "agent x is ringing in call c1, which is waiting", LOG_OUT(9, y)
	 ENTER(10, c1) OFFER(10, c1, 1, x) FAIL(12, c1, 1, x)},
	{"order", "call c1 of queue q waits since", LOG_OUT(9, y) LOG_OUT(9, x) ENTER(10, c1)
	 ENTER(11, c2) LOG_IN(12, x) OFFER(12, c2, 1, x)},
	{"work-conserved", "for 6 ms", LOG_OUT(8, y) "9 member_paused queue=q agent=x reason=r\n"
	 ENTER(10, c1) "11 member_unpaused queue=q agent=x reason=r\n" OFFER(17, c1, 1, x)},
	{"work-conserved", "for 5 ms", ENTER(10, c1) OFFER(15, c1, 1, x)},
	{"work-conserved", "for 10 ms", LOG_OUT(9, y) ENTER(10, c1) OFFER(10, c1, 1, x)
	 FAIL(20, c1, 1, x) "20 agent_state agent=x old=ringing new=idle reason=busy call=c1 "
	 "backoff_ms=100\n" OFFER(130, c1, 2, x)},
	{"recovery-quiet", "in a recovery", LOG_OUT(8, x) LOG_OUT(8, y) ENTER(9, c1)
	 "10 recovery_started reason=redis_changed\n" OFFER(11, c1, 1, x)},
	{"recovery-quiet", "never started", "10 recovery_done took_ms=0\n"},
	{"node-moves", "but is up", "10 node_state node=a1 old=connecting new=up reason=r\n"},
	{"settled", "agent x is ringing in call c1, which ended", ENTER(10, c1)
	 OFFER(10, c1, 1, x) END(12, c1, ringing) "40000 queue_created queue=q3\n"
	 "40001 queue_created queue=q4\n"},
	{"settled", "not bridged since", ENTER(10, c1)
	 "10 call_adopted call=c1 queue=q node=a1 agent=x leg=c1.12 bridge=c1.13 state=waiting "
	 "reason=redis_forgot\n" STATE(10, x, idle, ringing, c1) STATE(10, x, ringing, talking, c1)
	 "50000 queue_created queue=q3\n"},
	{"settled", "not bridged since", ENTER(10, c1) OFFER(10, c1, 1, x) DIAL(11, c1, 1, x)
	 ANSWER(12, c1, 1, x) "40000 queue_created queue=q3\n"},
};

/* clang-format on */

static void
each_rule_fires(void **state)
{
	struct log log;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		const struct bad *row = &bad_rows[i];

		run(base, row->history, &log, NULL);
		if (strcmp(log.rule, row->rule) != 0 || strstr(log.text, row->word) == NULL)
			fail_msg("row %zu: %s (%s) did not fire first on\n%s\nbut\n%s", i,
				 row->rule, row->word, row->history, log.text);
	}
}

/* Those that look at servers have theirs in test_checker_dump.c. */
static void
no_rule_is_without_its_seed(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < checker_rule_count(); i++) {
		if (checker_rule_at(i)->looks_at != CHECKER_EVENTS)
			continue;
		for (k = 0; k < sizeof(bad_rows) / sizeof(bad_rows[0]); k++)
			if (strcmp(bad_rows[k].rule, checker_rule_at(i)->id) == 0)
				break;
		if (k == sizeof(bad_rows) / sizeof(bad_rows[0]))
			fail_msg("nothing shows that rule %s fires", checker_rule_at(i)->id);
	}
}

/* Read from its middle, a stream accuses nobody of what was before, but of what is seen. */
static void
a_stream_from_its_middle(void **state)
{
	struct log log;

	(void)state;
	run("", ANSWER(10, c1, 1, x) BRIDGE(11, c1, 1, x) END_TALK(12, c1, 1, x), &log, NULL);
	assert_string_equal(log.text, "");
	run("", ANSWER(10, c1, 1, x) BRIDGE(11, c1, 1, x) BRIDGE(12, c1, 1, x), &log, NULL);
	assert_string_equal(log.rule, "leg-order");
	run("", STATE(10, x, idle, ringing, c1) STATE(11, x, idle, ringing, c1), &log, NULL);
	assert_string_equal(log.rule, "agent-moves");
}

static void
figures_say_what_was_seen(void **state)
{
	struct checker_figures f;
	struct log log;

	(void)state;
	run(base,
	    ENTER(10, c1) OFFER(15, c1, 1, x) LOG_OUT(16, y) ENTER(
		    20, c2) "30 recovery_started reason=empty\n31 recovery_started reason=empty\n"
			    "50 recovery_done took_ms=20\n",
	    &log, &f);
	assert_int_equal(f.entered, 2);
	assert_int_equal(f.idle_ms, 5);
	assert_int_equal(f.longest_ms, 5);
	assert_int_equal(f.lost, 2);
	assert_int_equal(f.live_calls, 0);
	assert_int_equal(f.recovering_ms, 19);
	assert_int_equal(f.violations, log.count);
}

/* Ten times as many calls as are kept: memory does not grow with them. */
static void
ended_calls_are_forgotten(void **state)
{
	struct checker *checker = checker_new(&checker_defaults);
	struct checker_figures f;
	struct log log = {0};
	char line[256];
	int i;

	(void)state;
	feed(checker, &log, base);
	feed(checker, &log, LOG_OUT(9, x) LOG_OUT(9, y));
	for (i = 0; i < 10 * CHECKER_ENDED_MAX; i++) {
		snprintf(line, sizeof(line),
			 "%d call_entered call=k%d queue=q node=a1 priority=0 entered_ms=%d\n"
			 "%d call_ended call=k%d queue=q node=a1 state=waiting reason=abandoned\n",
			 10 + i, i, 10 + i, 10 + i, i);
		feed(checker, &log, line);
	}
	checker_figures(checker, &f);
	assert_int_equal(f.kept_calls, CHECKER_ENDED_MAX);
	assert_int_equal(f.live_calls, 0);
	assert_int_equal(f.violations, 0);
	checker_free(checker);
}

static void
lines_of_both_kinds(void **state)
{
	struct checker *checker = checker_new(&checker_defaults);

	(void)state;
	assert_int_equal(checker_line(checker, "5-1\tqueue_created\t{\"event\":\"queue_created\","
					       "\"at\":5,\"queue\":\"q\"}"),
			 0);
	assert_int_equal(checker_line(checker, "{\"id\":\"6-0\",\"event\":\"queue_created\","
					       "\"at\":6,\"queue\":\"q2\"}"),
			 0);
	assert_int_equal(checker_line(checker, ""), -1);
	assert_int_equal(checker_line(checker, "5-1\tqueue_created"), -1);
	assert_int_equal(checker_line(checker, "5-1\tqueue_created\t{"), -1);
	assert_int_equal(checker_line(checker, "{}"), -1);
	assert_int_equal(checker_line(checker, "[1]"), -1);
	checker_free(checker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_histories_pass),
		cmocka_unit_test(each_rule_fires),
		cmocka_unit_test(no_rule_is_without_its_seed),
		cmocka_unit_test(a_stream_from_its_middle),
		cmocka_unit_test(figures_say_what_was_seen),
		cmocka_unit_test(ended_calls_are_forgotten),
		cmocka_unit_test(lines_of_both_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
