/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* Room for one more record, zeroed, at the end; the array doubles at each power of two. */
static void *
room(void *items, size_t count, size_t size)
{
	if ((count & (count - 1)) == 0)
		items = mem_grow(items, count == 0 ? 1 : 2 * count, size);
	memset((char *)items + count * size, 0, size);
	return items;
}

#define ADD(e, plural, singular)                                                                   \
	((e)->plural = room((e)->plural, (e)->singular##_count, sizeof(*(e)->plural)),             \
	 &(e)->plural[(e)->singular##_count++])

struct caller *
evidence_caller(struct evidence *e, const char *sip_id)
{
	size_t i = names_find(&e->caller_by_sip, sip_id);
	struct caller *c;

	if (i != NAMES_NONE)
		return &e->callers[i];
	names_set(&e->caller_by_sip, sip_id, e->caller_count);
	c = ADD(e, callers, caller);
	c->sip_id = mem_dup(sip_id);
	return c;
}

struct leg *
evidence_leg(struct evidence *e, const char *sip_id)
{
	size_t i = names_find(&e->leg_by_sip, sip_id);
	struct leg *leg;

	if (i != NAMES_NONE)
		return &e->legs[i];
	names_set(&e->leg_by_sip, sip_id, e->leg_count);
	leg = ADD(e, legs, leg);
	leg->sip_id = mem_dup(sip_id);
	return leg;
}

struct told *
evidence_told(struct evidence *e, const char *call)
{
	size_t i = names_find(&e->told_by_call, call);
	struct told *told;

	if (i != NAMES_NONE)
		return &e->tolds[i];
	names_set(&e->told_by_call, call, e->told_count);
	told = ADD(e, tolds, told);
	told->call = mem_dup(call);
	return told;
}

void
evidence_join(struct evidence *e, struct told *told, const char *sip_id)
{
	free(told->sip_id);
	told->sip_id = mem_dup(sip_id);
	if (*sip_id != '\0')
		names_set(&e->told_by_sip, sip_id, (size_t)(told - e->tolds));
}

struct login *
evidence_login(struct evidence *e)
{
	return ADD(e, logins, login);
}

struct refusal *
evidence_refusal(struct evidence *e)
{
	return ADD(e, refusals, refusal);
}

struct sighting *
evidence_sighting(struct evidence *e)
{
	return ADD(e, sightings, sighting);
}

struct bridge *
evidence_bridge(struct evidence *e)
{
	return ADD(e, bridges, bridge);
}

struct death *
evidence_death(struct evidence *e)
{
	return ADD(e, deaths, death);
}

struct drain *
evidence_drain(struct evidence *e)
{
	return ADD(e, drains, drain);
}

struct stray *
evidence_stray(struct evidence *e)
{
	return ADD(e, strays, stray);
}

struct violation *
evidence_violation(struct evidence *e)
{
	return ADD(e, violations, violation);
}

char *
evidence_call_of(const char *leg_id)
{
	const char *dot = leg_id != NULL ? strrchr(leg_id, '.') : NULL;

	return dot != NULL ? mem_dup_len(leg_id, (size_t)(dot - leg_id)) : NULL;
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
	return first_of(first_of(leg->bye_out, leg->bye_in), leg->cancel);
}

static void
free_parties(struct evidence *e)
{
	size_t i;

	for (i = 0; i < e->caller_count; i++) {
		free(e->callers[i].sip_id);
		free(e->callers[i].number);
		free(e->callers[i].failure);
	}
	for (i = 0; i < e->leg_count; i++) {
		free(e->legs[i].sip_id);
		free(e->legs[i].agent);
		free(e->legs[i].id);
		free(e->legs[i].call);
		free(e->legs[i].failure);
	}
	for (i = 0; i < e->login_count; i++)
		free(e->logins[i].agent);
	for (i = 0; i < e->stray_count; i++) {
		free(e->strays[i].witness);
		free(e->strays[i].text);
	}
	free(e->callers);
	free(e->legs);
	free(e->logins);
	free(e->strays);
}

static void
free_servers(struct evidence *e)
{
	size_t i;

	for (i = 0; i < e->told_count; i++) {
		free(e->tolds[i].call);
		free(e->tolds[i].sip_id);
		free(e->tolds[i].node);
		free(e->tolds[i].agent);
		free(e->tolds[i].leg);
		free(e->tolds[i].reason);
	}
	for (i = 0; i < e->refusal_count; i++) {
		free(e->refusals[i].sip_id);
		free(e->refusals[i].reason);
	}
	for (i = 0; i < e->sighting_count; i++) {
		free(e->sightings[i].node);
		free(e->sightings[i].sip_id);
		free(e->sightings[i].call);
		free(e->sightings[i].bridge);
	}
	for (i = 0; i < e->bridge_count; i++) {
		free(e->bridges[i].node);
		free(e->bridges[i].id);
	}
	for (i = 0; i < e->violation_count; i++) {
		free(e->violations[i].rule);
		free(e->violations[i].event);
		free(e->violations[i].text);
	}
	free(e->violations);
	for (i = 0; i < e->death_count; i++)
		free(e->deaths[i].node);
	for (i = 0; i < e->drain_count; i++)
		free(e->drains[i].call);
	free(e->tolds);
	free(e->refusals);
	free(e->sightings);
	free(e->bridges);
	free(e->deaths);
	free(e->drains);
}

void
evidence_free(struct evidence *e)
{
	free_parties(e);
	free_servers(e);
	names_free(&e->caller_by_sip);
	names_free(&e->leg_by_sip);
	names_free(&e->told_by_call);
	names_free(&e->told_by_sip);
	*e = (struct evidence){0};
}
