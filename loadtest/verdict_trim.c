/* SPDX-License-Identifier: BSD-2-Clause */

/* What can be judged of a run that goes on, or that was ended in its middle. */

#include <stdlib.h>

#include "lib/mem.h"
#include "loadtest/verdict.h"

/* Each witness has said its last word on what should have been so long ago. */
#define SETTLED_US 5000000LL

/* What was over by when is judged. */
struct settled {
	const struct verdict_rules *rules;
	int64_t by;
};

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
newest(const struct evidence *e)
{
	int64_t at = 0;
	size_t i;

	for (i = 0; i < e->caller_count; i++)
		at = later(at, later(e->callers[i].invite, caller_end(&e->callers[i])));
	for (i = 0; i < e->leg_count; i++)
		at = later(at, later(e->legs[i].invite, leg_end(&e->legs[i])));
	return at;
}

/* What came of a call's end then has reached everybody. */
static bool
settled(const struct settled *s, int64_t end)
{
	return verdict_due(s->rules, end, s->rules->hangup_us) <= s->by;
}

static bool
caller_settled(const struct evidence *e, const struct caller *c, const struct settled *s)
{
	const struct failure *failure = evidence_failure(e, c->failure);
	int64_t end = caller_end(c);

	if (failure != NULL)
		end = later(end, failure->at);
	return end != 0 && settled(s, end);
}

/* Three passes in this order: legs are looked up through what is told, and that through callers. */
static bool *
settled_callers(const struct evidence *e, const struct settled *s)
{
	bool *keep = mem_zero(e->caller_count + 1);
	size_t i;

	for (i = 0; i < e->caller_count; i++)
		keep[i] = caller_settled(e, &e->callers[i], s);
	return keep;
}

static bool *
settled_tolds(const struct evidence *e, const bool *callers, const struct settled *s)
{
	bool *keep = mem_zero(e->told_count + 1);
	size_t i, c;

	for (i = 0; i < e->told_count; i++) {
		c = evidence_caller_of(e, &e->tolds[i]);
		keep[i] = c != NAMES_NONE ? callers[c] : settled(s, e->tolds[i].entered);
	}
	return keep;
}

static bool *
settled_legs(const struct evidence *e, const bool *tolds, const struct settled *s)
{
	bool *keep = mem_zero(e->leg_count + 1);
	size_t i, told;

	for (i = 0; i < e->leg_count; i++) {
		told = evidence_told_of(e, e->legs[i].id);
		keep[i] = told != NAMES_NONE ? tolds[told] : settled(s, e->legs[i].invite);
	}
	return keep;
}

static void
keep_callers(struct evidence *e, const bool *keep)
{
	size_t i, n = 0;

	for (i = 0; i < e->caller_count; i++) {
		words_set(&e->words, e->callers[i].sip_id, WORD_RECORD, keep[i] ? n : NAMES_NONE);
		if (keep[i])
			e->callers[n++] = e->callers[i];
	}
	e->caller_count = n;
}

static void
keep_tolds(struct evidence *e, const bool *keep)
{
	size_t i, n = 0;

	for (i = 0; i < e->told_count; i++) {
		words_set(&e->words, e->tolds[i].call, WORD_RECORD, keep[i] ? n : NAMES_NONE);
		/* The caller's own of that Call-ID stays it; n is never above i. */
		if (words_value(&e->words, e->tolds[i].sip_id, WORD_TOLD) == i)
			words_set(&e->words, e->tolds[i].sip_id, WORD_TOLD,
				  keep[i] ? n : NAMES_NONE);
		if (keep[i])
			e->tolds[n++] = e->tolds[i];
	}
	e->told_count = n;
}

static void
keep_legs(struct evidence *e, const bool *keep)
{
	size_t i, n = 0;

	for (i = 0; i < e->leg_count; i++) {
		words_set(&e->words, e->legs[i].sip_id, WORD_RECORD, keep[i] ? n : NAMES_NONE);
		if (keep[i])
			e->legs[n++] = e->legs[i];
	}
	e->leg_count = n;
}

size_t
verdict_trim(struct evidence *e, const struct verdict_rules *rules, int64_t *until)
{
	struct settled s = {.rules = rules};
	size_t was = e->caller_count;
	bool *callers, *tolds, *legs;

	*until = newest(e);
	s.by = *until - SETTLED_US;
	callers = settled_callers(e, &s);
	tolds = settled_tolds(e, callers, &s);
	legs = settled_legs(e, tolds, &s);
	keep_legs(e, legs);
	keep_tolds(e, tolds);
	keep_callers(e, callers);
	free(callers);
	free(tolds);
	free(legs);
	return was - e->caller_count;
}
