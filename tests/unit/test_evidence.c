/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "loadtest/evidence.h"

#define CALLS 50000

/* One call as a long run has them: texts as long as SIPp, Asterisk and mqsd make them. */
static void
one_call(struct evidence *e, int i)
{
	char sip[64], leg_sip[64], call[64], id[96], agent[16], number[32];
	int64_t at = 1000000LL * i;
	struct caller *c;
	struct leg *leg;
	struct told *told;

	snprintf(sip, sizeof(sip), "%d-12942@127.0.0.1", i + 1);
	snprintf(leg_sip, sizeof(leg_sip), "%08x-dd36-4f27-88aa-e148aa663da7", i);
	snprintf(call, sizeof(call), "17954660%08d-%07d", i, i);
	snprintf(id, sizeof(id), "%s.2", call);
	snprintf(agent, sizeof(agent), "a%05d", i % 2000);
	snprintf(number, sizeof(number), "49301%07d", i);
	c = evidence_caller(e, sip);
	c->invite = at + 1;
	c->number = words_keep(&e->words, number);
	leg = evidence_leg(e, leg_sip);
	leg->agent = evidence_word(e, agent);
	leg->id = evidence_number(e, id);
	leg->invite = at + 2;
	told = evidence_told(e, call);
	told->agent = leg->agent;
	told->leg = leg->id;
	told->node = evidence_word(e, "a1");
	told->reason = evidence_word(e, "agent_left");
	evidence_join(e, told, sip);
}

static void
found_again(void **state)
{
	struct evidence e = {0};
	char sip[64], id[EVIDENCE_ID_MAX];
	size_t leg;
	int i;

	(void)state;
	for (i = 0; i < CALLS; i++)
		one_call(&e, i);
	assert_int_equal(e.caller_count, CALLS);
	assert_int_equal(e.leg_count, CALLS);
	assert_int_equal(e.told_count, CALLS);
	for (i = 0; i < CALLS; i += 77) {
		snprintf(sip, sizeof(sip), "%d-12942@127.0.0.1", i + 1);
		assert_int_equal(evidence_find_caller(&e, sip), i);
		/* A leg's Call-ID is no caller's. */
		assert_int_equal(evidence_find_leg(&e, sip), NAMES_NONE);
		assert_int_equal(evidence_told_of_caller(&e, &e.callers[i]), i);
		assert_int_equal(evidence_caller_of(&e, &e.tolds[i]), i);
		assert_int_equal(evidence_told_of(&e, e.legs[i].id), i);
		snprintf(sip, sizeof(sip), "17954660%08d-%07d.2", i, i);
		assert_string_equal(evidence_id(&e, e.tolds[i].leg, id), sip);
	}
	leg = evidence_find_leg(&e, "00000007-dd36-4f27-88aa-e148aa663da7");
	assert_int_equal(leg, 7);
	assert_string_equal(evidence_text(&e, e.legs[leg].agent), "a00007");
	/* What the notes of a long run say of its size. */
	print_message("%zu bytes a call\n", evidence_size(&e) / CALLS);
	assert_in_range(evidence_size(&e) / CALLS, 1, 300);
	evidence_free(&e);
}

static void
times_before_and_after(void **state)
{
	struct evidence e = {0};
	struct caller *c = evidence_caller(&e, "s");

	(void)state;
	c->invite = -5;
	c->bye_in = 86400LL * 1000000 * 6;
	assert_int_equal(c->invite, -5);
	assert_int_equal(c->bye_in - c->invite, 86400LL * 1000000 * 6 + 5);
	assert_int_equal(caller_end(c), 86400LL * 1000000 * 6);
	evidence_free(&e);
}

static void
ids_that_are_none(void **state)
{
	static const char *const ids[] = {
		"c", "c.", "c.07", "c.-1", "c.1x", ".", "..1", "c.1099511627775", "c.d.1"};
	struct evidence e = {0};
	char out[EVIDENCE_ID_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_string_equal(evidence_id(&e, evidence_number(&e, ids[i]), out), ids[i]);
	assert_true(evidence_number(&e, "c.07").n == EVIDENCE_WHOLE);
	assert_string_equal(evidence_text(&e, evidence_number(&e, "c.d.1").call), "c.d");
	/* After a recovery numbers begin anew above the time in tenths of a second. */
	assert_string_equal(evidence_text(&e, evidence_number(&e, "c.17954684953").call), "c");
	assert_null(evidence_id(&e, evidence_number(&e, NULL), out));
	evidence_free(&e);
}

/* Thousands of looks at the same channel are one record. */
static void
looks(void **state)
{
	struct evidence e = {0};
	const struct sighting *s;
	int i;

	(void)state;
	evidence_leg(&e, "leg");
	evidence_sight(&e, 10, "n1", "caller", "", "");
	for (i = 1; i <= 1000; i++) {
		evidence_sight(&e, 10 + i, "n1", "caller", "c-1", i > 500 ? "c-1.3" : "");
		evidence_sight(&e, 10 + i, "n1", "leg", "", "c-1.3");
		evidence_sight_bridge(&e, 10 + i, "n1", "c-1.3");
	}
	assert_int_equal(e.sighting_count, 2);
	assert_int_equal(e.bridge_count, 1);
	assert_int_equal(e.bridges[0].first, 11);
	assert_int_equal(e.bridges[0].at, 1010);
	s = &e.sightings[0];
	assert_int_equal(s->first, 10);
	assert_int_equal(s->at, 1010);
	assert_string_equal(evidence_text(&e, s->call), "c-1");
	assert_true(evidence_same(s->bridge, evidence_number(&e, "c-1.3")));
	/* In another bridge it tells another story, which is kept beside the first. */
	evidence_sight(&e, 2000, "n1", "caller", "c-1", "c-9.3");
	evidence_sight(&e, 2000, "n2", "caller", "c-1", "c-9.3");
	assert_int_equal(e.sighting_count, 4);
	for (i = 0; i < 1000; i++) {
		char sip[16];

		snprintf(sip, sizeof(sip), "x%d", i);
		evidence_sight(&e, 3000, "n1", sip, "", "");
		evidence_sight(&e, 3001, "n1", sip, "", "");
	}
	assert_int_equal(e.sighting_count, 1004);
	evidence_free(&e);
}

/* What a channel was before stays when it was, whatever it became and where else it is. */
static void
no_more_what_it_was(void **state)
{
	struct evidence e = {0};
	int64_t at;

	(void)state;
	for (at = 100; at <= 300; at += 100) {
		evidence_look(&e, at, "n1");
		evidence_look(&e, at, "n2");
		if (at == 100) {
			evidence_sight(&e, at, "n1", "caller", "c-1", "c-1.1");
			evidence_sight(&e, at, "n1", "leg", "", "");
		}
		if (at == 200)
			evidence_leg(&e, "leg");
		if (at == 300) {
			evidence_sight(&e, at, "n1", "caller", "c-1", "c-1.4");
			evidence_sight(&e, at, "n2", "caller", "c-9", "c-9.1");
			evidence_sight(&e, at, "n1", "leg", "", "c-1.4");
		}
	}
	evidence_look(&e, 400, "n1");
	evidence_gone(&e, "n1", "caller");
	evidence_gone(&e, "n1", "leg");
	evidence_look(&e, 900, "n1");
	evidence_look(&e, 900, "n2");
	evidence_looked(&e);
	assert_int_equal(e.sighting_count, 5);
	assert_int_equal(e.sightings[0].at, 200); /* in its first bridge */
	assert_int_equal(e.sightings[1].at, 300); /* a leg that was not known as one */
	assert_int_equal(e.sightings[2].at, 300); /* in its second bridge */
	assert_int_equal(e.sightings[3].at, 900); /* still on the other node */
	assert_int_equal(e.sightings[4].at, 300);
	evidence_free(&e);
}

static void
bounds(void **state)
{
	struct evidence e = {0};
	char text[2 * WORDS_TEXT_MAX];
	int i;

	(void)state;
	for (i = 0; i < EVIDENCE_STRAYS + 3; i++)
		evidence_stray(&e, "w", "t");
	for (i = 0; i < EVIDENCE_VIOLATIONS + 4; i++)
		evidence_violation(&e, "rule", "", 1, "t");
	assert_int_equal(e.stray_count, EVIDENCE_STRAYS);
	assert_int_equal(e.strays_more, 3);
	assert_int_equal(e.violation_count, EVIDENCE_VIOLATIONS);
	assert_int_equal(e.violations_more, 4);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(strlen(evidence_text(&e, evidence_word(&e, text))), WORDS_TEXT_MAX - 1);
	assert_int_equal(evidence_word(&e, text), evidence_word(&e, text));
	assert_int_equal(evidence_word(&e, ""), 0);
	assert_null(evidence_text(&e, 0));
	evidence_free(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_again),	       cmocka_unit_test(times_before_and_after),
		cmocka_unit_test(ids_that_are_none),   cmocka_unit_test(looks),
		cmocka_unit_test(no_more_what_it_was), cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
