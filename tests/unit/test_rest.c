#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/measure.h"
#include "loadtest/traffic.h"
#include "loadtest/witness_event.h"

#define S 1000000LL

static const struct rests rests = {
	.wrapup_us = 2 * S,
	.busy_us = 5 * S,
	.reject_us = 7 * S,
	.no_answer_us = 10 * S,
	.ring_us = 15 * S,
};

/* What is read of a run: by the view that goes on, and for the verdict. */
struct both {
	struct traffic traffic;
	struct evidence evidence;
};

static void
line(struct both *b, enum sipp_role role, double at, const char *text)
{
	char *full = mem_printf("2026-11-23\t09:45:49.309425\t%.6f %s", at, text);

	traffic_sipp(&b->traffic, role, full);
	assert_int_equal(witness_sipp_line(&b->evidence, role, full), 0);
	free(full);
}

static void
event(struct both *b, const char *name, int64_t at_ms, const char *fields)
{
	char *text = mem_printf("1-1\t%s\t{\"at\":%lld,\"queue\":\"q\",%s}", name, (long long)at_ms,
				fields);

	traffic_event(&b->traffic, text);
	witness_event_line(&b->evidence, "q", NULL, text);
	free(text);
}

/* One agent, whom a first caller's leg is offered and who is called for a second one at 160 s. How
 * the first leg went is between. */
static void
begin(struct both *b)
{
	*b = (struct both){0};
	traffic_open(&b->traffic, &rests);
	line(b, SIPP_REGISTER, 99, "registered r a1");
	line(b, SIPP_CALLERS, 100, "invite s1 491");
	line(b, SIPP_CALLERS, 100, "ok s1 491");
	line(b, SIPP_CALLERS, 100, "invite s2 492");
	line(b, SIPP_CALLERS, 100, "ok s2 492");
	event(b, "call_entered", 100010, "\"call\":\"c-1\",\"sip_call_id\":\"s1\"");
	event(b, "call_entered", 100010, "\"call\":\"c-2\",\"sip_call_id\":\"s2\"");
	line(b, SIPP_AGENTS, 100.02, "invite l1 a1 c-1.1");
	traffic_settle(&b->traffic);
	traffic_interval(&b->traffic);
}

/* The second offer came `expected` us after it could. */
static void
end(struct both *b, double at, double expected)
{
	struct measure m;

	line(b, SIPP_AGENTS, at, "invite l2 a1 c-2.1");
	traffic_settle(&b->traffic);
	assert_int_equal(b->traffic.offer.count, 1);
	assert_float_equal(hist_at(&b->traffic.offer, 1), expected, 1000);
	measure_take(&m, &b->evidence, &rests);
	assert_int_equal(m.offer.count, 2);
	assert_float_equal(hist_at(&m.offer, 1), expected, 1000);
	measure_free(&m);
	evidence_free(&b->evidence);
	traffic_close(&b->traffic);
}

static void
refusals(void **state)
{
	struct both b;

	(void)state;
	begin(&b);
	line(&b, SIPP_AGENTS, 100.03, "refused l1 a1 c-1.1 486");
	end(&b, 105.13, 100000);
	begin(&b);
	line(&b, SIPP_AGENTS, 100.03, "refused l1 a1 c-1.1 603");
	end(&b, 107.13, 100000);
}

/* Who rang in vain rests; who was called off, because the caller left or another agent was faster,
 * does not. */
static void
cancels(void **state)
{
	struct both b;

	(void)state;
	begin(&b);
	line(&b, SIPP_AGENTS, 115.01, "cancel l1 a1 c-1.1");
	end(&b, 125.11, 100000);
	begin(&b);
	line(&b, SIPP_AGENTS, 103, "cancel l1 a1 c-1.1");
	end(&b, 103.1, 100000);
}

/* Who hangs up at once may have met the caller, or not: mqsd says which. */
static void
early(void **state)
{
	struct both b;

	(void)state;
	begin(&b);
	line(&b, SIPP_AGENTS, 101, "ack l1 a1 c-1.1");
	line(&b, SIPP_AGENTS, 101.01, "bye_out l1 a1 c-1.1");
	line(&b, SIPP_AGENTS, 101.02, "bye_ok l1 a1 c-1.1");
	end(&b, 108.12, 100000);
	begin(&b);
	line(&b, SIPP_AGENTS, 101, "ack l1 a1 c-1.1");
	line(&b, SIPP_AGENTS, 101.01, "bye_out l1 a1 c-1.1");
	line(&b, SIPP_AGENTS, 101.02, "bye_ok l1 a1 c-1.1");
	event(&b, "call_bridged", 101015, "\"call\":\"c-1\",\"leg\":\"c-1.1\"");
	end(&b, 103.12, 100000);
	/* The caller left before they met: the agent is not to blame. */
	begin(&b);
	line(&b, SIPP_AGENTS, 101, "ack l1 a1 c-1.1");
	line(&b, SIPP_AGENTS, 101.02, "bye_in l1 a1 c-1.1");
	end(&b, 103.12, 100000);
}

static void
conversation(void **state)
{
	struct both b;

	(void)state;
	begin(&b);
	line(&b, SIPP_AGENTS, 101, "ack l1 a1 c-1.1");
	event(&b, "call_bridged", 101010, "\"call\":\"c-1\",\"leg\":\"c-1.1\"");
	line(&b, SIPP_AGENTS, 120, "bye_out l1 a1 c-1.1");
	line(&b, SIPP_AGENTS, 120.5, "bye_ok l1 a1 c-1.1");
	end(&b, 122.53, 30000);
}

/* A run's directory says what its agents' rests were. */
static void
kept(void **state)
{
	struct profile p;
	struct rests r;
	json_t *meta = json_object();

	(void)state;
	profile_init(&p, "test");
	p.wrapup_s = 16;
	p.speed = 8;
	p.ring_s = 20;
	rests_of_profile(&r, &p);
	rests_write(&r, meta);
	rests_read(&r, meta);
	assert_int_equal(r.wrapup_us, 2 * S);
	assert_int_equal(r.busy_us, 5 * S);
	assert_int_equal(r.reject_us, 5 * S);
	assert_int_equal(r.no_answer_us, 10 * S);
	assert_int_equal(r.ring_us, 20 * S);
	json_object_clear(meta);
	rests_read(&r, meta);
	assert_int_equal(r.busy_us, 0);
	json_decref(meta);
	profile_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),	cmocka_unit_test(cancels), cmocka_unit_test(early),
		cmocka_unit_test(conversation), cmocka_unit_test(kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
