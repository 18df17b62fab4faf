/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/evidence_priv.h"

/* An array grows by an eighth: what is not used of it is little. */
static size_t
step_of(size_t count)
{
	size_t step = 16;

	while (step <= count / 16)
		step *= 2;
	return step;
}

void *
evidence_room(void *items, size_t count, size_t size)
{
	if (count % step_of(count) == 0)
		items = mem_grow(items, count + step_of(count), size);
	memset((char *)items + count * size, 0, size);
	return items;
}

const char *
evidence_text(const struct evidence *e, uint32_t word)
{
	return words_text(&e->words, word);
}

const char *
evidence_shown(const struct evidence *e, uint32_t word)
{
	return word != 0 ? evidence_text(e, word) : "?";
}

uint32_t
evidence_word(struct evidence *e, const char *text)
{
	return words_add(&e->words, WORD_TEXT, text);
}

struct caller *
evidence_caller(struct evidence *e, const char *sip_id)
{
	uint32_t word = words_add(&e->words, WORD_CALLER, sip_id);
	size_t i = words_value(&e->words, word, WORD_RECORD);
	struct caller *c;

	if (i != NAMES_NONE)
		return &e->callers[i];
	words_set(&e->words, word, WORD_RECORD, e->caller_count);
	c = EVIDENCE_ADD(e, callers, caller);
	c->sip_id = word;
	return c;
}

struct leg *
evidence_leg(struct evidence *e, const char *sip_id)
{
	uint32_t word = words_add(&e->words, WORD_LEG, sip_id);
	size_t i = words_value(&e->words, word, WORD_RECORD);
	struct leg *leg;

	if (i != NAMES_NONE)
		return &e->legs[i];
	words_set(&e->words, word, WORD_RECORD, e->leg_count);
	leg = EVIDENCE_ADD(e, legs, leg);
	leg->sip_id = word;
	return leg;
}

struct told *
evidence_told(struct evidence *e, const char *call)
{
	uint32_t word = words_add(&e->words, WORD_CALL, call);
	size_t i = words_value(&e->words, word, WORD_RECORD);
	struct told *told;

	if (i != NAMES_NONE)
		return &e->tolds[i];
	words_set(&e->words, word, WORD_RECORD, e->told_count);
	told = EVIDENCE_ADD(e, tolds, told);
	told->call = word;
	return told;
}

static size_t
find(const struct evidence *e, enum word_kind kind, const char *id)
{
	return words_value(&e->words, words_find(&e->words, kind, id), WORD_RECORD);
}

size_t
evidence_find_caller(const struct evidence *e, const char *sip_id)
{
	return find(e, WORD_CALLER, sip_id);
}

size_t
evidence_find_leg(const struct evidence *e, const char *sip_id)
{
	return find(e, WORD_LEG, sip_id);
}

size_t
evidence_find_told(const struct evidence *e, const char *call)
{
	return find(e, WORD_CALL, call);
}

size_t
evidence_told_of(const struct evidence *e, struct numbered id)
{
	return id.n == EVIDENCE_WHOLE ? NAMES_NONE : words_value(&e->words, id.call, WORD_RECORD);
}

size_t
evidence_told_of_caller(const struct evidence *e, const struct caller *c)
{
	return words_value(&e->words, c->sip_id, WORD_TOLD);
}

size_t
evidence_caller_of(const struct evidence *e, const struct told *told)
{
	return words_value(&e->words, told->sip_id, WORD_RECORD);
}

void
evidence_join(struct evidence *e, struct told *told, const char *sip_id)
{
	told->sip_id = words_add(&e->words, WORD_CALLER, sip_id);
	words_set(&e->words, told->sip_id, WORD_TOLD, (size_t)(told - e->tolds));
}

bool
evidence_late(const struct evidence *e, const struct told *told)
{
	const char *reason = evidence_text(e, told->reason);

	return reason != NULL && strcmp(reason, "late") == 0;
}

void
evidence_part(struct evidence *e, const struct told *told)
{
	size_t i;

	for (i = e->told_count; i > 0 && told->sip_id != 0; i--) {
		const struct told *other = &e->tolds[i - 1];

		if (other->sip_id != told->sip_id || evidence_late(e, other))
			continue;
		words_set(&e->words, told->sip_id, WORD_TOLD, i - 1);
		return;
	}
}

uint32_t
evidence_fail(struct evidence *e, uint32_t sip_id, int64_t at, const char *text)
{
	struct failure *f = EVIDENCE_ADD(e, failures, failure);

	f->at = at;
	f->sip_id = sip_id;
	f->text = words_keep(&e->words, text);
	return (uint32_t)e->failure_count;
}

const struct failure *
evidence_failure(const struct evidence *e, uint32_t failure)
{
	return failure != 0 ? &e->failures[failure - 1] : NULL;
}

const char *
evidence_failed(const struct evidence *e, uint32_t failure)
{
	return failure != 0 ? evidence_text(e, e->failures[failure - 1].text) : NULL;
}

struct numbered
evidence_number(struct evidence *e, const char *id)
{
	const char *dot = id != NULL ? strrchr(id, '.') : NULL;
	struct numbered numbered = {.n = EVIDENCE_WHOLE};
	char call[EVIDENCE_ID_MAX], again[24];
	unsigned long n;

	if (id == NULL || *id == '\0')
		return (struct numbered){0};
	n = dot != NULL ? strtoul(dot + 1, NULL, 10) : EVIDENCE_WHOLE;
	snprintf(again, sizeof(again), "%lu", n);
	if (dot != NULL && n < EVIDENCE_WHOLE && strcmp(again, dot + 1) == 0 &&
	    (size_t)(dot - id) < sizeof(call)) {
		snprintf(call, sizeof(call), "%.*s", (int)(dot - id), id);
		numbered.n = n & EVIDENCE_WHOLE;
		id = call;
	}
	numbered.call = words_add(&e->words, WORD_CALL, id);
	return numbered;
}

const char *
evidence_id(const struct evidence *e, struct numbered id, char out[EVIDENCE_ID_MAX])
{
	const char *text = words_text(&e->words, id.call);

	if (text == NULL || id.n == EVIDENCE_WHOLE)
		return text;
	snprintf(out, EVIDENCE_ID_MAX, "%.*s.%" PRIu64, EVIDENCE_ID_MAX - 16, text, (uint64_t)id.n);
	return out;
}

const char *
evidence_shown_id(const struct evidence *e, struct numbered id, char out[EVIDENCE_ID_MAX])
{
	const char *text = evidence_id(e, id, out);

	return text != NULL ? text : "?";
}

bool
evidence_same(struct numbered a, struct numbered b)
{
	return a.call == b.call && a.n == b.n;
}

struct login *
evidence_login(struct evidence *e)
{
	return EVIDENCE_ADD(e, logins, login);
}

struct refusal *
evidence_refusal(struct evidence *e)
{
	return EVIDENCE_ADD(e, refusals, refusal);
}

struct death *
evidence_death(struct evidence *e)
{
	return EVIDENCE_ADD(e, deaths, death);
}

struct drain *
evidence_drain(struct evidence *e)
{
	return EVIDENCE_ADD(e, drains, drain);
}

void
evidence_stray(struct evidence *e, const char *witness, const char *text)
{
	struct stray *stray;

	if (e->stray_count == EVIDENCE_STRAYS) {
		e->strays_more++;
		return;
	}
	stray = EVIDENCE_ADD(e, strays, stray);
	stray->witness = evidence_word(e, witness);
	stray->text = words_keep(&e->words, text);
}

void
evidence_violation(struct evidence *e, const char *rule, const char *event, int64_t at_ms,
		   const char *text)
{
	struct violation *v;

	if (e->violation_count == EVIDENCE_VIOLATIONS) {
		e->violations_more++;
		return;
	}
	v = EVIDENCE_ADD(e, violations, violation);
	v->rule = evidence_word(e, rule);
	v->event = words_keep(&e->words, event);
	v->text = words_keep(&e->words, text);
	v->at_ms = at_ms;
}

static int64_t
first_of(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a != 0 ? a : b;
	return a < b ? a : b;
}

int64_t
caller_end(const struct caller *c)
{
	return first_of(c->bye_out, c->bye_in);
}

int64_t
leg_end(const struct leg *leg)
{
	return first_of(first_of(leg->bye_out, leg->bye_in), first_of(leg->cancel, leg->refused));
}

#define BYTES(e, plural, singular)                                                                 \
	(((e)->singular##_count + step_of((e)->singular##_count)) * sizeof(*(e)->plural))

size_t
evidence_size(const struct evidence *e)
{
	return words_size(&e->words) + BYTES(e, callers, caller) + BYTES(e, legs, leg) +
	       BYTES(e, tolds, told) + BYTES(e, failures, failure) + BYTES(e, logins, login) +
	       BYTES(e, refusals, refusal) + BYTES(e, sightings, sighting) +
	       BYTES(e, bridges, bridge) +
	       (e->sighting_cap + e->bridge_cap) * sizeof(*e->sighting_slots);
}

void
evidence_free(struct evidence *e)
{
	words_free(&e->words);
	free(e->callers);
	free(e->legs);
	free(e->failures);
	free(e->logins);
	free(e->tolds);
	free(e->refusals);
	free(e->sightings);
	free(e->bridges);
	free(e->deaths);
	free(e->drains);
	free(e->strays);
	free(e->violations);
	free(e->looks);
	free(e->sighting_slots);
	free(e->bridge_slots);
	*e = (struct evidence){0};
}
