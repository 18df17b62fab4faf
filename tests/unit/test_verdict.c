#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "tests/unit/verdict_scene.h"

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
		cmocka_unit_test(let_go_during_faults),
		cmocka_unit_test(taken_back_as_it_answers),
		cmocka_unit_test(ghosts),
		cmocka_unit_test(dead_nodes),
		cmocka_unit_test(rules_and_drain),
		cmocka_unit_test(edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
