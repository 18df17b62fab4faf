#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/verdict_scene.h"

static void
swap_ids(struct leg *a, struct leg *b)
{
	struct numbered id = a->id;

	a->id = b->id;
	b->id = id;
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
		cmocka_unit_test(caller_without_agent),
		cmocka_unit_test(agent_without_caller),
		cmocka_unit_test(mqsd_disagrees),
		cmocka_unit_test(late_channel),
		cmocka_unit_test(swapped),
		cmocka_unit_test(double_bridging),
		cmocka_unit_test(strays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
