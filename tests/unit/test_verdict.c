/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/verdict.h"

#define S 1000000LL
#define T (1000 * S)

static char *
name(const char *stem, int n)
{
	return mem_printf("%s%d", stem, n);
}

/* Call n at second n: answered at once, agent n rings after 1 s, talks from 2 s to 7 s, agent hangs
 * up. */
static void
whole_call(struct evidence *e, int n)
{
	char *sip = name("s", n), *call = name("c-", n), *leg_sip = name("l", n),
	     *agent = name("a", n), *leg_id = mem_printf("%s.1", call);
	int64_t at = T + n * 100 * S;
	struct caller *c = evidence_caller(e, sip);
	struct leg *leg = evidence_leg(e, leg_sip);
	struct told *told = evidence_told(e, call);

	c->number = evidence_word(e, "49");
	c->invite = at;
	c->ok = at + S / 100;
	c->bye_in = at + 7 * S + S / 100;
	leg->agent = evidence_word(e, agent);
	leg->id = evidence_number(e, leg_id);
	leg->invite = at + S;
	leg->ok = at + 2 * S;
	leg->ack = leg->ok + 1000;
	leg->bye_out = at + 7 * S;
	leg->bye_ok = leg->bye_out + 2000;
	told->entered = at + S / 50;
	told->bridged = at + 2 * S + 5000;
	told->ended = at + 7 * S + 5000;
	told->node = evidence_word(e, "n1");
	told->agent = leg->agent;
	told->leg = leg->id;
	told->reason = evidence_word(e, "agent_left");
	evidence_join(e, told, sip);
	e->mqsd_heard = true;
	free(agent);
	free(leg_id);
	free(sip);
	free(call);
	free(leg_sip);
}

/* Call n of a caller who waits 5 s and hangs up. */
static void
abandoned_call(struct evidence *e, int n)
{
	char *sip = name("s", n), *call = name("c-", n);
	struct caller *c = evidence_caller(e, sip);
	struct told *told = evidence_told(e, call);

	c->invite = T + n * 100 * S;
	c->ok = c->invite + 10000;
	c->bye_out = c->ok + 5 * S;
	c->bye_ok = c->bye_out + 1000;
	told->entered = c->ok + 10000;
	told->ended = c->bye_ok;
	told->node = evidence_word(e, "n1");
	told->reason = evidence_word(e, "abandoned");
	evidence_join(e, told, sip);
	e->mqsd_heard = true;
	free(sip);
	free(call);
}

static void
seen(struct evidence *e, int64_t at, const char *sip, const char *call, const char *bridge)
{
	evidence_sight(e, at, "n1", sip, call, bridge);
}

static void
died(struct evidence *e, const char *node, int64_t at)
{
	*evidence_death(e) = (struct death){at, evidence_word(e, node)};
}

static void
swap_ids(struct leg *a, struct leg *b)
{
	struct numbered id = a->id;

	a->id = b->id;
	b->id = id;
}

struct want {
	enum verdict_end end; /* of the first call */
	size_t dropped, disagreements;
	enum verdict_class class;
	const char *text; /* part of the drop's or the first disagreement's; NULL: any */
};

static const char *
drop_text(const struct verdict *v)
{
	return v->calls[0].drop != NAMES_NONE ? v->drops[v->calls[0].drop].text : "";
}

static void
expect_rules(struct evidence *e, const struct verdict_rules *rules, struct want want)
{
	struct verdict v;
	size_t i, sum = 0;

	verdict_reach(&v, e, rules);
	for (i = 0; i < v.disagreement_count && v.disagreement_count != want.disagreements; i++)
		print_message("%s: %s\n", v.disagreements[i].call, v.disagreements[i].text);
	if (v.calls[0].end != want.end)
		print_message("%s: %s\n", verdict_end_names[v.calls[0].end], drop_text(&v));
	assert_int_equal(v.calls[0].end, want.end);
	assert_int_equal(v.ends[VERDICT_DROPPED], want.dropped);
	assert_int_equal(v.disagreement_count, want.disagreements);
	for (i = 0; i < VERDICT_ENDS; i++)
		sum += v.ends[i];
	assert_int_equal(sum, e->caller_count);
	assert_int_equal(v.classes[VERDICT_SIP] + v.classes[VERDICT_SERVER],
			 v.ends[VERDICT_DROPPED]);
	if (want.end == VERDICT_DROPPED) {
		assert_int_equal(verdict_class_of(&v.drops[v.calls[0].drop]), want.class);
		assert_non_null(v.drops[v.calls[0].drop].witness);
	}
	if (want.text != NULL)
		assert_non_null(strstr(want.end == VERDICT_DROPPED ? drop_text(&v)
								   : v.disagreements[0].text,
				       want.text));
	verdict_free(&v);
	evidence_free(e);
}

static void
expect(struct evidence *e, struct want want)
{
	expect_rules(e, &verdict_default_rules, want);
}

#define COMPLETED(n)	 ((struct want){VERDICT_COMPLETED, 0, (n), 0, NULL})
#define ABANDONED(n)	 ((struct want){VERDICT_ABANDONED, 0, (n), 0, NULL})
#define DROPPED(c, n, t) ((struct want){VERDICT_DROPPED, 1, (n), (c), (t)})

static void
good_calls(void **state)
{
	struct evidence e = {0};
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		whole_call(&e, i);
	seen(&e, T + 3 * S, "s0", "c-0", "c-0.2");
	seen(&e, T + 3 * S, "l0", NULL, "c-0.2");
	expect(&e, COMPLETED(0));
	abandoned_call(&e, 0);
	expect(&e, ABANDONED(0));
	/* The caller hangs up in the conversation. */
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = T + 6 * S;
	e.callers[0].bye_ok = T + 6 * S + 1000;
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[0].bye_in = T + 6 * S + 5000;
	e.tolds[0].reason = evidence_word(&e, "caller_left");
	expect(&e, COMPLETED(0));
	/* Both at once: neither BYE was answered before the other came. */
	whole_call(&e, 0);
	e.callers[0].bye_out = T + 7 * S;
	e.callers[0].bye_in = T + 7 * S + 1000;
	e.legs[0].bye_ok = 0;
	e.legs[0].bye_in = T + 7 * S + 1000;
	expect(&e, COMPLETED(0));
}

/* Agent a9 answers at 0.5 s and hangs up at `left` s, before mqsd has joined the two. */
static void
left_before(struct evidence *e, int64_t left)
{
	struct leg *leg = evidence_leg(e, "l-first");

	leg->agent = evidence_word(e, "a9");
	leg->id = evidence_number(e, "c-0.0");
	leg->invite = T + S / 5;
	leg->ok = T + S / 2;
	leg->ack = leg->ok + 1000;
	leg->bye_out = T + left;
	leg->bye_ok = leg->bye_out + 1000;
}

/* An agent that answers and leaves before the bridge is no conversation: the caller waits on. */
static void
an_agent_left_before_the_bridge(void **state)
{
	const struct verdict_fault fault = {.from = T + S, .until = T + 5 * S};
	struct verdict_rules rules = verdict_default_rules;
	struct evidence e = {0};

	(void)state;
	whole_call(&e, 0);
	left_before(&e, S);
	expect(&e, COMPLETED(0));
	/* Who gives up later has abandoned, soon or not. */
	abandoned_call(&e, 0);
	left_before(&e, S);
	expect(&e, ABANDONED(0));
	abandoned_call(&e, 0);
	left_before(&e, S);
	e.callers[0].bye_out += 60 * S;
	e.callers[0].bye_ok += 60 * S;
	expect(&e, ABANDONED(0));
	/* Is hung up on as those who wait are at the end of a run, */
	abandoned_call(&e, 0);
	left_before(&e, S);
	e.callers[0].bye_in = e.callers[0].bye_out + 60 * S;
	e.callers[0].bye_out = e.callers[0].bye_ok = 0;
	*evidence_drain(&e) =
		(struct drain){e.callers[0].bye_in - 5000, words_add(&e.words, WORD_CALL, "c-0")};
	e.tolds[0].reason = evidence_word(&e, "operator");
	expect(&e, (struct want){VERDICT_DRAINED, 0, 0, 0, NULL});
	/* or by nobody's wish. */
	abandoned_call(&e, 0);
	left_before(&e, S);
	e.callers[0].bye_in = e.callers[0].bye_out + 60 * S;
	e.callers[0].bye_out = e.callers[0].bye_ok = 0;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "the waiting caller got a BYE"));
	/* There was time to join them, and who hangs up takes the other along; */
	abandoned_call(&e, 0);
	left_before(&e, 4 * S);
	e.callers[0].bye_out += 60 * S;
	e.callers[0].bye_ok += 60 * S;
	rules.faults = &fault;
	rules.fault_count = 1;
	expect_rules(&e, &rules, ABANDONED(0)); /* unless something was broken; */
	abandoned_call(&e, 0);
	left_before(&e, 4 * S);
	e.callers[0].bye_out += 60 * S;
	e.callers[0].bye_ok += 60 * S;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "agent a9 hung up, the caller was not let go"));
	abandoned_call(&e, 0);
	left_before(&e, 4 * S);
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 2, 0, "mqsd no bridge"});
	/* They were joined, and only the caller's end was forgotten. */
	whole_call(&e, 0);
	e.callers[0].bye_in += 60 * S;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "was let go"));
}

static void
offers_before_the_answer(void **state)
{
	struct evidence e = {0};
	struct leg *leg;

	(void)state;
	whole_call(&e, 0);
	leg = evidence_leg(&e, "l-first");
	leg->agent = evidence_word(&e, "a9");
	leg->id = evidence_number(&e, "c-0.0");
	leg->invite = T + S / 2;
	leg->cancel = T + S * 9 / 10;
	expect(&e, COMPLETED(0));
}

/* mqsd may say what it likes: nobody hung up, so it is a drop. */
static void
nobody_hung_up(void **state)
{
	static const char *const reasons[] = {"agent_left", "caller_left", "max_wait", "operator",
					      "abandoned",  "node_lost",   "vanished"};
	struct evidence e = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		abandoned_call(&e, 0);
		e.callers[0].bye_in = e.callers[0].bye_out;
		e.callers[0].bye_out = e.callers[0].bye_ok = 0;
		e.tolds[0].reason = evidence_word(&e, reasons[i]);
		expect(&e, DROPPED(VERDICT_SERVER, 0, reasons[i]));
	}
}

static void
early_bye(void **state)
{
	struct evidence e = {0};

	(void)state;
	/* Both sides get a BYE in the middle of the talk. */
	whole_call(&e, 0);
	e.callers[0].bye_in = T + 4 * S;
	e.legs[0].bye_in = T + 4 * S;
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "was cut after"));
	/* The caller gets it long before the agent hangs up. */
	whole_call(&e, 0);
	e.callers[0].bye_in = T + 4 * S;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "neither had hung up"));
	/* The caller is let go long after the agent hung up. */
	whole_call(&e, 0);
	e.callers[0].bye_in = T + 40 * S;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "was let go 33000 ms after"));
	/* So long that the caller leaves by himself. */
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = T + 40 * S;
	e.callers[0].bye_ok = T + 40 * S + 1000;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "was not let go"));
	/* The agent is let go long after the caller left. */
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = T + 4 * S;
	e.callers[0].bye_ok = T + 4 * S + 1000;
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[0].bye_in = T + 30 * S;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "26000 ms after the caller had hung up"));
	/* An agent's conversation is cut, then another agent talks to the same caller. */
	whole_call(&e, 0);
	evidence_leg(&e, "l-first");
	e.legs[1].agent = evidence_word(&e, "a9");
	e.legs[1].id = evidence_number(&e, "c-0.0");
	e.legs[1].invite = T + S / 10;
	e.legs[1].ok = e.legs[1].ack = T + S / 5;
	e.legs[1].bye_in = T + S / 2;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "agent a9 was cut"));
}

static void
missing_ends(void **state)
{
	struct evidence e = {0};

	(void)state;
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "still up"));
	whole_call(&e, 0);
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	expect(&e, DROPPED(VERDICT_SERVER, 0, "still holds the line"));
	whole_call(&e, 0);
	e.legs[0].ok = e.legs[0].ack = e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	expect(&e, DROPPED(VERDICT_SERVER, 1, "still rings"));
	whole_call(&e, 0);
	e.legs[0].ack = 0;
	expect(&e, DROPPED(VERDICT_SIP, 1, "got no ACK"));
	whole_call(&e, 0);
	e.legs[0].bye_ok = 0;
	expect(&e, DROPPED(VERDICT_SIP, 0, "hung up and got no answer"));
	abandoned_call(&e, 0);
	e.callers[0].bye_ok = 0;
	expect(&e, DROPPED(VERDICT_SIP, 0, "hung up and got no answer"));
	abandoned_call(&e, 0);
	e.callers[0].ok = e.callers[0].bye_out = e.callers[0].bye_ok = 0;
	expect(&e, DROPPED(VERDICT_SIP, 0, "never answered"));
}

static void
sipp_failures(void **state)
{
	struct evidence e = {0};

	(void)state;
	whole_call(&e, 0);
	e.callers[0].failure =
		evidence_fail(&e, e.callers[0].sip_id, T, "Aborting call on unexpected message");
	expect(&e, DROPPED(VERDICT_SIP, 0, "Aborting call on unexpected"));
	whole_call(&e, 0);
	e.legs[0].failure = evidence_fail(&e, e.legs[0].sip_id, T,
					  "Aborting call on UDP retransmission timeout");
	expect(&e, DROPPED(VERDICT_SIP, 0, "agent a0: Aborting call on UDP"));
}

static enum verdict_cause
cause_of(struct evidence *e)
{
	enum verdict_cause cause;
	struct verdict v;

	verdict_reach(&v, e, &verdict_default_rules);
	assert_int_equal(v.drop_count, 1);
	cause = v.drops[0].cause;
	assert_int_equal(v.causes[cause], 1);
	assert_int_equal(v.classes[verdict_causes[cause].class], 1);
	verdict_free(&v);
	evidence_free(e);
	return cause;
}

static void
causes_in_sip(void **state)
{
	static const struct {
		const char *failure;
		enum verdict_cause cause;
	} rows[] = {
		{"Aborting call on UDP retransmission timeout for Call-ID 's0'", VERDICT_EXHAUSTED},
		{"Call-Id: s0, timeout on max UDP retrans for message 1, jumping to label 2",
		 VERDICT_EXHAUSTED},
		{"Call-Id: s0, receive timeout on message Main scenario:3 without label to jump to",
		 VERDICT_TIMEOUT},
		{"Aborting call on unexpected message for Call-Id 's0': while expecting '200', "
		 "received 'SIP/2.0 503 Service Unavailable",
		 VERDICT_ERROR},
		{"Aborting call on unexpected message for Call-Id 's0': while expecting '200', "
		 "received 'SIP/2.0 202 Accepted",
		 VERDICT_MISSING},
		{"Aborting call on an unexpected CANCEL for call: s0", VERDICT_MISSING},
	};
	struct evidence e = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		whole_call(&e, 0);
		e.callers[0].failure = evidence_fail(&e, e.callers[0].sip_id, T, rows[i].failure);
		assert_int_equal(cause_of(&e), rows[i].cause);
	}
	abandoned_call(&e, 0);
	e.callers[0].ok = e.callers[0].bye_out = e.callers[0].bye_ok = 0;
	assert_int_equal(cause_of(&e), VERDICT_TIMEOUT);
	whole_call(&e, 0);
	e.legs[0].bye_ok = 0;
	assert_int_equal(cause_of(&e), VERDICT_MISSING);
}

static void
causes_in_servers(void **state)
{
	struct evidence e = {0};

	(void)state;
	/* Cut: mqsd knew of the end, or did not. */
	whole_call(&e, 0);
	e.callers[0].bye_in = T + 4 * S;
	assert_int_equal(cause_of(&e), VERDICT_FAILED);
	whole_call(&e, 0);
	e.callers[0].bye_in = T + 4 * S;
	e.tolds[0].ended = 0;
	assert_int_equal(cause_of(&e), VERDICT_LOST);
	/* Still up: mqsd has it, too, or thinks that it has ended. */
	abandoned_call(&e, 0);
	e.callers[0].bye_out = e.callers[0].bye_ok = e.tolds[0].ended = 0;
	assert_int_equal(cause_of(&e), VERDICT_UNENDED);
	abandoned_call(&e, 0);
	e.callers[0].bye_out = e.callers[0].bye_ok = 0;
	assert_int_equal(cause_of(&e), VERDICT_FAILED);
	whole_call(&e, 0);
	seen(&e, T + 18 * S, "s0", "c-0", NULL);
	assert_int_equal(cause_of(&e), VERDICT_GHOST);
	/* Whatever SIPp says: its node had died. */
	whole_call(&e, 0);
	e.callers[0].failure = evidence_fail(&e, e.callers[0].sip_id, T + 5 * S,
					     "Aborting call on UDP retransmission timeout");
	died(&e, "n1", T + 4 * S);
	assert_int_equal(cause_of(&e), VERDICT_DIED);
}

static void
caller_without_agent(void **state)
{
	struct evidence e = {0};

	(void)state;
	/* mqsd says completed; the agents' SIPp has never heard of it. */
	whole_call(&e, 0);
	e.legs[0].id = evidence_number(&e, "c-77.1");
	expect(&e, DROPPED(VERDICT_SERVER, 2, "nobody had asked for"));
	/* The caller hung up himself: no drop, but mqsd tells another story. */
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = T + 3 * S;
	e.callers[0].bye_ok = T + 3 * S + 1000;
	e.legs[0].ok = e.legs[0].ack = e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[0].cancel = T + 3 * S + 2000;
	expect(&e,
	       (struct want){VERDICT_ABANDONED, 0, 2, 0, "abandoned, mqsd ended it as agent_left"});
}

static void
agent_without_caller(void **state)
{
	struct evidence e = {0};
	struct leg *leg;

	(void)state;
	whole_call(&e, 0);
	leg = evidence_leg(&e, "lx");
	leg->agent = evidence_word(&e, "a5");
	leg->invite = T;
	leg->cancel = T + S;
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 1, 0, "no caller of the run"});
	/* mqsd had a caller that no SIPp made. */
	whole_call(&e, 0);
	evidence_told(&e, "c-9")->entered = T;
	evidence_join(&e, &e.tolds[1], "s9");
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 1, 0, "has no Call-ID s9"});
}

static void
mqsd_disagrees(void **state)
{
	struct evidence e = {0};

	(void)state;
	whole_call(&e, 0);
	e.tolds[0].reason = evidence_word(&e, "abandoned");
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 1, 0, "ended it as abandoned"});
	whole_call(&e, 0);
	e.tolds[0].bridged = 0;
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 2, 0, "mqsd no bridge"});
	whole_call(&e, 0);
	e.tolds[0].agent = evidence_word(&e, "a8");
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 1, 0, "mqsd bridged it with a8"});
	whole_call(&e, 0);
	e.tolds[0].leg = evidence_number(&e, "c-0.8");
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 1, 0, "mqsd bridged leg c-0.8"});
	/* The end is missing in mqsd's story. */
	whole_call(&e, 0);
	e.tolds[0].reason = evidence_word(&e, NULL);
	expect(&e, COMPLETED(1));
	abandoned_call(&e, 0);
	e.tolds[0].entered = 0;
	expect(&e, (struct want){VERDICT_ABANDONED, 0, 1, 0, "never had it enter"});
	/* Hung up between the agent's answer and the bridge: mqsd is right to say abandoned. */
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = e.legs[0].ack + 3000;
	e.callers[0].bye_ok = e.legs[0].ack + 4000;
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[0].bye_in = e.legs[0].ack + 9000;
	e.tolds[0].bridged = 0;
	e.tolds[0].reason = evidence_word(&e, "abandoned");
	expect(&e, ABANDONED(0));
}

/* A node that stood still has the caller, too, whom another was given meanwhile: that is no call.
 */
static void
late_channel(void **state)
{
	struct evidence e = {0};
	struct told *told;
	int64_t until;
	int late;

	(void)state;
	for (late = 0; late < 2; late++) {
		whole_call(&e, 0);
		told = evidence_told(&e, "c-late");
		told->entered = T + S;
		evidence_join(&e, told, "s0");
		seen(&e, T + S, "s0", "c-late", NULL);
		told->reason = evidence_word(&e, late ? "late" : "abandoned");
		if (late)
			evidence_part(&e, told);
		expect(&e, COMPLETED(late ? 0 : 3));
	}
	/* So it is when calls in progress are left out. */
	whole_call(&e, 0);
	told = evidence_told(&e, "c-late");
	told->entered = T + S;
	evidence_join(&e, told, "s0");
	told->reason = evidence_word(&e, "late");
	evidence_part(&e, told);
	whole_call(&e, 1);
	e.callers[1].bye_in = e.legs[1].bye_out = 0;
	assert_int_equal(verdict_trim(&e, &verdict_default_rules, &until), 1);
	expect(&e, COMPLETED(0));
}

/* Totals are equal in each of these; two calls have changed places in one witness. */
static void
swapped(void **state)
{
	struct evidence e = {0};

	(void)state;
	/* In the agents' SIPp, by X-MQS-Call. */
	whole_call(&e, 0);
	whole_call(&e, 1);
	swap_ids(&e.legs[0], &e.legs[1]);
	expect(&e, (struct want){VERDICT_DROPPED, 2, 0, VERDICT_SERVER, NULL});
	/* The same at the same time, so that clocks can't tell. */
	whole_call(&e, 0);
	whole_call(&e, 1);
	e.callers[1].invite = T;
	e.callers[1].ok = T + S / 100;
	e.callers[1].bye_in = T + 7 * S + S / 100;
	e.legs[1].invite = T + S;
	e.legs[1].ok = T + 2 * S;
	e.legs[1].ack = T + 2 * S + 1000;
	e.legs[1].bye_out = T + 7 * S;
	e.legs[1].bye_ok = T + 7 * S + 2000;
	swap_ids(&e.legs[0], &e.legs[1]);
	expect(&e, COMPLETED(2));
	/* In mqsd's events, by the caller's Call-ID; the nodes know better. */
	whole_call(&e, 0);
	whole_call(&e, 1);
	e.callers[1].invite = T;
	e.callers[1].ok = T + S / 100;
	e.callers[1].bye_in = e.callers[0].bye_in;
	e.legs[1].invite = e.legs[0].invite;
	e.legs[1].ok = e.legs[0].ok;
	e.legs[1].ack = e.legs[0].ack;
	e.legs[1].bye_out = e.legs[0].bye_out;
	e.legs[1].bye_ok = e.legs[0].bye_ok;
	evidence_join(&e, &e.tolds[0], "s1");
	evidence_join(&e, &e.tolds[1], "s0");
	seen(&e, T + 3 * S, "s0", "c-0", "c-0.2");
	seen(&e, T + 3 * S, "l0", NULL, "c-0.2");
	expect(&e, COMPLETED(2));
}

static void
double_bridging(void **state)
{
	struct evidence e = {0};
	struct leg *leg;

	(void)state;
	whole_call(&e, 0);
	leg = evidence_leg(&e, "lx");
	leg->agent = evidence_word(&e, "a5");
	leg->id = evidence_number(&e, "c-0.5");
	leg->invite = T + S;
	leg->ok = leg->ack = T + 2 * S - S / 10;
	leg->bye_out = T + 6 * S;
	leg->bye_ok = T + 6 * S + 1000;
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 1, 0, "at the same time"});
}

static size_t
violations(struct evidence *e, const struct verdict_rules *rules, const char *rule,
	   const char *text)
{
	struct verdict v;
	size_t n;

	verdict_reach(&v, e, rules);
	assert_int_equal(v.drop_count, 0);
	assert_int_equal(v.disagreement_count, 0);
	n = v.violation_count;
	if (n > 0) {
		assert_string_equal(v.violations[0].rule, rule);
		assert_non_null(strstr(v.violations[0].text, text));
	}
	verdict_free(&v);
	evidence_free(e);
	return n;
}

/* The agent hangs up at 7 s. */
static void
let_go_during_faults(void **state)
{
	static const struct {
		struct verdict_fault faults[2];
		int64_t let_go;
		bool in_time;
	} rows[] = {
		{{{8 * S, 20 * S}}, 20 * S, true},
		{{{8 * S, 20 * S}}, 21 * S, false},
		{{{2 * S, 13 * S}}, 12 * S + S / 2, true},
		{{{2 * S, 8 * S}}, 12 * S, true}, /* over: the rule without faults */
		{{{2 * S, 8 * S}}, 13 * S, false},
		{{{13 * S, 30 * S}}, 14 * S, false}, /* begun when it was late already */
		{{{8 * S, 20 * S}, {19 * S, 31 * S}}, 31 * S, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict_rules rules = verdict_default_rules;
		struct verdict_fault faults[2];
		struct evidence e = {0};
		size_t n;

		for (n = 0; n < 2; n++) {
			faults[n].from = T + rows[i].faults[n].from;
			faults[n].until = T + rows[i].faults[n].until;
		}
		rules.faults = faults;
		rules.fault_count = rows[i].faults[1].until != 0 ? 2 : 1;
		whole_call(&e, 0);
		e.callers[0].bye_in = T + rows[i].let_go;
		if (rows[i].in_time)
			expect_rules(&e, &rules, COMPLETED(0));
		else
			expect_rules(&e, &rules, DROPPED(VERDICT_SERVER, 0, "was let go"));
	}
}

/* 30 calls, one a second; all but the last five are over after 5 s. */
static size_t
in_progress(const struct verdict_rules *rules)
{
	struct evidence e = {0};
	size_t left_out, i;
	int64_t until;
	char *sip;
	int n;

	for (n = 0; n < 30; n++) {
		whole_call(&e, n);
		e.callers[n].invite = e.legs[n].invite = e.tolds[n].entered = n * S;
		e.callers[n].bye_in = e.legs[n].bye_out = n < 25 ? (n + 5) * S : 0;
	}
	left_out = verdict_trim(&e, rules, &until);
	assert_int_equal(until, 29 * S);
	assert_int_equal(e.caller_count, 30 - left_out);
	assert_int_equal(e.leg_count, 30 - left_out);
	assert_int_equal(e.told_count, 30 - left_out);
	for (i = 0; i < 30; i++) {
		sip = name("s", (int)i);
		assert_int_equal(evidence_find_caller(&e, sip),
				 i < e.caller_count ? i : NAMES_NONE);
		free(sip);
	}
	if (e.told_count > 0)
		assert_int_equal(evidence_caller_of(&e, &e.tolds[e.told_count - 1]),
				 e.told_count - 1);
	evidence_free(&e);
	return left_out;
}

static void
judged_so_far(void **state)
{
	static const struct {
		struct verdict_fault fault;
		size_t left_out;
	} rows[] = {
		{{0, 0}, 15}, /* the last line is at 29 s: what ended until 19 s is judged */
		{{S, 10 * S}, 15},
		{{15 * S, 24 * S}, 15}, /* what ended in it was due 5 s ago */
		{{15 * S, 26 * S}, 25}, /* what it held up may come yet: only until 9 s */
		{{15 * S, INT64_MAX}, 25},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict_rules rules = verdict_default_rules;

		rules.faults = &rows[i].fault;
		rules.fault_count = 1;
		assert_int_equal(in_progress(&rules), rows[i].left_out);
	}
}

/* A phone answers and is let go at once; another agent talks then. */
static void
taken_back_as_it_answers(void **state)
{
	static const struct {
		struct verdict_fault fault;
		int64_t talked;
		bool fine;
	} rows[] = {
		{{0, 9 * S}, S / 2, true},
		{{0, 9 * S}, S, false},		/* that was a conversation */
		{{3 * S, 9 * S}, S / 2, false}, /* nothing was broken then */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict_fault fault = {T + rows[i].fault.from, T + rows[i].fault.until};
		struct verdict_rules rules = verdict_default_rules;
		struct evidence e = {0};
		struct leg *leg;

		rules.faults = &fault;
		rules.fault_count = 1;
		whole_call(&e, 0);
		leg = evidence_leg(&e, "l-first");
		leg->agent = evidence_word(&e, "a9");
		leg->id = evidence_number(&e, "c-0.0");
		leg->invite = T + S / 10;
		leg->ok = leg->ack = T + S / 5;
		leg->bye_in = leg->ack + rows[i].talked;
		if (rows[i].fine)
			expect_rules(&e, &rules, COMPLETED(0));
		else
			expect_rules(&e, &rules, DROPPED(VERDICT_SERVER, 0, "agent a9 was cut"));
	}
}

static void
one_agent_two_calls(void **state)
{
	const struct verdict_fault fault = {.from = T, .until = T + S};
	struct verdict_rules rules = verdict_default_rules;
	struct evidence e = {0};
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		rules.faults = &fault;
		rules.fault_count = round == 1;
		whole_call(&e, 0);
		whole_call(&e, 1);
		e.legs[1].agent = evidence_word(&e, "a0");
		e.tolds[1].agent = evidence_word(&e, "a0");
		e.legs[1].invite = T + 6 * S;
		assert_int_equal(violations(&e, &rules, "one-phone", "for c-1 while in call c-0"),
				 round == 0);
	}
	/* At once is not too early. */
	whole_call(&e, 0);
	whole_call(&e, 1);
	e.legs[1].agent = evidence_word(&e, "a0");
	e.tolds[1].agent = evidence_word(&e, "a0");
	e.legs[1].invite = T + 7 * S;
	assert_int_equal(violations(&e, &verdict_default_rules, "", ""), 0);
}

/* The agent of whole_call() talks for 5 s. */
static void
talk_time(void **state)
{
	static const struct {
		const char *row;
		size_t violations;
	} rows[] = {
		{"a0;500;5000", 0}, {"a0;500;5900", 0},	 {"a0;500;4100;x", 0}, {"a0;500;6100", 1},
		{"a0;500;3900", 1}, {"a1;500;90000", 0}, {"a0;500;", 0},       {"a0;500;10s", 0},
		{"SEQUENTIAL", 0},  {";500;1", 0},
	};
	struct verdict_rules rules = verdict_default_rules;
	struct scripted scripted;
	struct evidence e = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scripted = (struct scripted){.agents = {0}};
		scripted_line(&scripted, rows[i].row);
		rules.scripted = &scripted;
		whole_call(&e, 0);
		assert_int_equal(violations(&e, &rules, "talk-time", "agent a0 held call c-0"),
				 rows[i].violations);
		scripted_free(&scripted);
	}
	/* The caller left. */
	scripted = (struct scripted){.agents = {0}};
	assert_int_equal(scripted_line(&scripted, "a0;500;90000"), 0);
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = T + 6 * S;
	e.callers[0].bye_ok = T + 6 * S + 1000;
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[0].bye_in = T + 6 * S + 5000;
	e.tolds[0].reason = evidence_word(&e, "caller_left");
	assert_int_equal(violations(&e, &rules, "", ""), 0);
	scripted_free(&scripted);
}

static void
ghosts(void **state)
{
	struct evidence e = {0};

	(void)state;
	whole_call(&e, 0);
	seen(&e, T + 17 * S, "s0", "c-0", NULL);
	expect(&e, COMPLETED(0));
	whole_call(&e, 0);
	seen(&e, T + 18 * S, "s0", "c-0", NULL);
	expect(&e, DROPPED(VERDICT_SERVER, 0, "node n1 still has the caller's channel"));
	whole_call(&e, 0);
	seen(&e, T + 18 * S, "l0", NULL, NULL);
	expect(&e, DROPPED(VERDICT_SERVER, 0, "the agent's channel"));
	whole_call(&e, 0);
	evidence_sight_bridge(&e, T + 18 * S, "n1", "c-0.3");
	expect(&e, DROPPED(VERDICT_SERVER, 0, "its bridge"));
}

static void
dead_nodes(void **state)
{
	struct evidence e = {0};
	int i;

	(void)state;
	/* A death explains and sets the class, it excuses nothing. */
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].failure = evidence_fail(&e, e.callers[0].sip_id, T + 5 * S,
					     "Aborting call on UDP retransmission timeout");
	died(&e, "n1", T + 4 * S);
	expect(&e, DROPPED(VERDICT_SERVER, 0, "its node n1 had died"));
	/* He is let go in time, too late, or never. */
	for (i = 0; i < 3; i++) {
		abandoned_call(&e, 0);
		e.callers[0].bye_out = e.callers[0].bye_ok = 0;
		e.callers[0].bye_in = i < 2 ? T + (i == 0 ? 63 : 65) * S : 0;
		e.tolds[0].reason = evidence_word(&e, "node_lost");
		died(&e, "n1", T + 4 * S);
		expect(&e, DROPPED(VERDICT_SERVER, 0,
				   i == 0 ? "its node n1 had died" : "mqsd says: node_lost"));
	}
	/* Another node's death, or one after the call's end, is none of its business. */
	whole_call(&e, 0);
	e.callers[0].failure = evidence_fail(&e, e.callers[0].sip_id, T, "Aborting call");
	died(&e, "n2", T + 4 * S);
	died(&e, "n1", T + 9 * S);
	expect(&e, DROPPED(VERDICT_SIP, 0, NULL));
	whole_call(&e, 0);
	died(&e, "n1", T + 9 * S);
	expect(&e, COMPLETED(0));
}

static void
rules_and_drain(void **state)
{
	struct verdict_rules rules = verdict_default_rules;
	struct evidence e = {0};
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		rules.may_end = rules.may_refuse = round == 1;
		abandoned_call(&e, 0);
		e.callers[0].bye_in = e.callers[0].bye_out;
		e.callers[0].bye_out = e.callers[0].bye_ok = 0;
		e.tolds[0].reason = evidence_word(&e, "max_wait");
		expect_rules(&e, &rules,
			     round == 0 ? DROPPED(VERDICT_SERVER, 0, "max_wait")
					: (struct want){VERDICT_RULED, 0, 0, 0, NULL});
		evidence_caller(&e, "s0")->invite = T;
		e.callers[0].ok = T + 1000;
		e.callers[0].bye_in = T + S;
		evidence_refusal(&e)->sip_id = e.callers[0].sip_id;
		e.mqsd_heard = true;
		expect_rules(&e, &rules,
			     round == 0 ? DROPPED(VERDICT_SERVER, 0, NULL)
					: (struct want){VERDICT_REFUSED, 0, 0, 0, NULL});
	}
	/* Drained counts when we hung up, just then, and no one talked. */
	abandoned_call(&e, 0);
	e.callers[0].bye_in = e.callers[0].bye_out;
	e.callers[0].bye_out = e.callers[0].bye_ok = 0;
	e.tolds[0].reason = evidence_word(&e, "operator");
	*evidence_drain(&e) =
		(struct drain){e.callers[0].bye_in - 5000, words_add(&e.words, WORD_CALL, "c-0")};
	expect(&e, (struct want){VERDICT_DRAINED, 0, 0, 0, NULL});
	abandoned_call(&e, 0);
	e.callers[0].bye_in = e.callers[0].bye_out;
	e.callers[0].bye_out = e.callers[0].bye_ok = 0;
	*evidence_drain(&e) =
		(struct drain){e.callers[0].bye_in + S, words_add(&e.words, WORD_CALL, "c-0")};
	expect(&e, DROPPED(VERDICT_SERVER, 0, NULL));
}

/* What one test above leaves open at its edges. */
static void
edges(void **state)
{
	struct evidence e = {0};
	struct verdict v;

	(void)state;
	/* A node that had died before the call began did not carry it. */
	whole_call(&e, 0);
	e.callers[0].failure = evidence_fail(&e, e.callers[0].sip_id, T, "Aborting call");
	died(&e, "n1", T - 5 * S);
	expect(&e, DROPPED(VERDICT_SIP, 0, NULL));
	/* The ACK came after the caller had hung up. */
	whole_call(&e, 0);
	e.callers[0].bye_in = 0;
	e.callers[0].bye_out = e.legs[0].ack - 2000;
	e.callers[0].bye_ok = e.legs[0].ack;
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[0].bye_in = e.legs[0].ack + 9000;
	e.tolds[0].reason = evidence_word(&e, "abandoned");
	expect(&e, ABANDONED(0));
	whole_call(&e, 0);
	e.callers[0].ok = e.legs[0].ack + S;
	expect(&e,
	       (struct want){VERDICT_COMPLETED, 0, 1, 0, "before the caller had been answered"});
	/* An agent whose last call never ended is called again. */
	whole_call(&e, 0);
	whole_call(&e, 1);
	e.legs[0].bye_out = e.legs[0].bye_ok = 0;
	e.legs[1].agent = evidence_word(&e, "a0");
	e.tolds[1].agent = evidence_word(&e, "a0");
	verdict_reach(&v, &e, &verdict_default_rules);
	assert_int_equal(v.drop_count, 1);
	assert_int_equal(v.violation_count, 1);
	assert_string_equal(v.violations[0].rule, "one-phone");
	verdict_free(&v);
	evidence_free(&e);
}

static void
strays(void **state)
{
	struct evidence e = {0};

	(void)state;
	whole_call(&e, 0);
	evidence_stray(&e, "agents' SIPp", "Overload");
	expect(&e, (struct want){VERDICT_COMPLETED, 0, 1, 0, "Overload"});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_calls),
		cmocka_unit_test(offers_before_the_answer),
		cmocka_unit_test(an_agent_left_before_the_bridge),
		cmocka_unit_test(nobody_hung_up),
		cmocka_unit_test(early_bye),
		cmocka_unit_test(missing_ends),
		cmocka_unit_test(sipp_failures),
		cmocka_unit_test(causes_in_sip),
		cmocka_unit_test(causes_in_servers),
		cmocka_unit_test(caller_without_agent),
		cmocka_unit_test(agent_without_caller),
		cmocka_unit_test(mqsd_disagrees),
		cmocka_unit_test(late_channel),
		cmocka_unit_test(swapped),
		cmocka_unit_test(double_bridging),
		cmocka_unit_test(let_go_during_faults),
		cmocka_unit_test(judged_so_far),
		cmocka_unit_test(taken_back_as_it_answers),
		cmocka_unit_test(one_agent_two_calls),
		cmocka_unit_test(talk_time),
		cmocka_unit_test(ghosts),
		cmocka_unit_test(dead_nodes),
		cmocka_unit_test(rules_and_drain),
		cmocka_unit_test(edges),
		cmocka_unit_test(strays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
