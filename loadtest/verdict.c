/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define MS 1000LL

const char *const verdict_end_names[VERDICT_ENDS] = {
	"refused", "completed", "abandoned", "ruled", "drained", "dropped",
};
const char *const verdict_class_names[VERDICT_CLASSES] = {"sip", "server"};

const struct verdict_rules verdict_default_rules = {
	.hangup_us = 5000 * MS,
	.ghost_us = 10000 * MS,
	.release_us = 60000 * MS,
};

static const char by_nodes[] = "nodes";

const struct told *
verdict_told(const struct evidence *e, size_t caller)
{
	size_t i = evidence_told_of_caller(e, &e->callers[caller]);

	return i != NAMES_NONE ? &e->tolds[i] : NULL;
}

/* When the caller was rid of the call; 0: never. */
static int64_t
end_of(const struct evidence *e, const struct caller *c)
{
	const struct failure *failure = evidence_failure(e, c->failure);
	int64_t end = caller_end(c);

	return failure != NULL && (end == 0 || failure->at < end) ? failure->at : end;
}

/* Died while the call was there? A node that a call never was on is no excuse; nor is any for a
 * caller whom nobody lets go. */
static const struct death *
death_of(const struct evidence *e, const struct verdict_rules *rules, const struct caller *c,
	 uint32_t node)
{
	int64_t end = end_of(e, c), at;
	size_t i;

	for (i = 0; node != 0 && end != 0 && i < e->death_count; i++) {
		at = e->deaths[i].at;
		if (e->deaths[i].node == node && c->invite <= at && end + VERDICT_SKEW_US >= at &&
		    end <= verdict_due(rules, at, rules->release_us))
			return &e->deaths[i];
	}
	return NULL;
}

/* mqsd may have died with its word unsaid: where the nodes showed the call counts as well. */
static uint32_t
node_of(const struct verdict_matter *m)
{
	size_t sighting = m->v->links.first_sighting[m->caller];

	if (m->told != NULL && m->told->node != 0)
		return m->told->node;
	return sighting != NAMES_NONE ? m->e->sightings[sighting].node : 0;
}

/* What a node still lists long after its end is not over, whatever the parties think. */
static void
ghost(struct verdict_matter *m, size_t caller, const char *what, uint32_t node, int64_t at)
{
	int64_t end = caller_end(&m->e->callers[caller]);

	if (m->v->calls[caller].drop != NAMES_NONE || end == 0 || at <= end + m->rules->ghost_us)
		return;
	m->caller = caller;
	verdict_dropped(m, VERDICT_GHOST, by_nodes, "node %s still has %s %lld ms after the end",
			evidence_text(m->e, node), what, (long long)((at - end) / MS));
}

static void
find_ghosts(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules)
{
	struct verdict_matter m = {.v = v, .e = e, .rules = rules};
	size_t i, c, leg, told;

	for (i = 0; i < e->sighting_count; i++) {
		const struct sighting *s = &e->sightings[i];

		c = evidence_find_caller(e, evidence_text(e, s->sip_id));
		leg = evidence_find_leg(e, evidence_text(e, s->sip_id));
		if (c != NAMES_NONE)
			ghost(&m, c, "the caller's channel", s->node, s->at);
		else if (leg != NAMES_NONE && v->links.owner[leg] != NAMES_NONE)
			ghost(&m, v->links.owner[leg], "the agent's channel", s->node, s->at);
	}
	for (i = 0; i < e->bridge_count; i++) {
		told = evidence_told_of(e, e->bridges[i].id);
		c = told != NAMES_NONE ? evidence_caller_of(e, &e->tolds[told]) : NAMES_NONE;
		if (c != NAMES_NONE)
			ghost(&m, c, "its bridge", e->bridges[i].node, e->bridges[i].at);
	}
}

static size_t *
none(size_t count)
{
	size_t *items = mem_alloc((count + 1) * sizeof(*items)), i;

	for (i = 0; i < count; i++)
		items[i] = NAMES_NONE;
	return items;
}

/* Puts record `i` in front of its caller's list. */
static void
link_to(size_t caller, size_t *first, size_t *next, size_t i)
{
	if (caller == NAMES_NONE)
		return;
	next[i] = first[caller];
	first[caller] = i;
}

/* From the last record to the first, so that the lists begin with the first. */
static void
gather(struct verdict_links *links, const struct evidence *e)
{
	size_t i, told, c, leg;

	links->first_leg = none(e->caller_count);
	links->next_leg = none(e->leg_count);
	links->owner = none(e->leg_count);
	links->first_sighting = none(e->caller_count);
	links->next_sighting = none(e->sighting_count);
	for (i = e->leg_count; i-- > 0;) {
		told = evidence_told_of(e, e->legs[i].id);
		if (told != NAMES_NONE)
			links->owner[i] = evidence_caller_of(e, &e->tolds[told]);
		link_to(links->owner[i], links->first_leg, links->next_leg, i);
	}
	for (i = e->sighting_count; i-- > 0;) {
		const char *sip_id = evidence_text(e, e->sightings[i].sip_id);

		c = evidence_find_caller(e, sip_id);
		leg = c == NAMES_NONE ? evidence_find_leg(e, sip_id) : NAMES_NONE;
		link_to(leg != NAMES_NONE ? links->owner[leg] : c, links->first_sighting,
			links->next_sighting, i);
	}
}

void
verdict_disagree(struct verdict *v, const char *call, const char *fmt, ...)
{
	struct verdict_disagreement *d;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = mem_dup("");
	va_end(ap);
	v->disagreements = mem_grow(v->disagreements, v->disagreement_count + 1, sizeof(*d));
	d = &v->disagreements[v->disagreement_count++];
	d->call = mem_dup(call != NULL ? call : "");
	d->text = text;
}

static void
count(struct verdict *v, const struct evidence *e)
{
	const struct told *told;
	size_t i;

	for (i = 0; i < v->call_count; i++) {
		v->ends[v->calls[i].end]++;
		told = verdict_told(e, i);
		v->entered += told != NULL && told->entered != 0;
		v->bridged += told != NULL && told->bridged != 0;
	}
	for (i = 0; i < v->drop_count; i++) {
		v->causes[v->drops[i].cause]++;
		v->classes[verdict_class_of(&v->drops[i])]++;
		v->excusable += v->drops[i].excusable;
	}
}

/* What decides over more than one call, by name. */
struct lists {
	struct names drains, refusals;
};

static void
judge(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules,
      const struct lists *lists, size_t caller)
{
	struct verdict_matter m = {.v = v,
				   .e = e,
				   .rules = rules,
				   .c = &e->callers[caller],
				   .told = verdict_told(e, caller),
				   .caller = caller};
	struct verdict_call *call = &v->calls[caller];
	size_t drain;

	call->id = m.told != NULL ? evidence_text(e, m.told->call) : NULL;
	call->talk = call->drop = NAMES_NONE;
	if (e->death_count > 0)
		m.death = death_of(e, rules, m.c, node_of(&m));
	drain = names_find(&lists->drains, call->id);
	m.drain = drain != NAMES_NONE ? &e->drains[drain] : NULL;
	m.refused = names_find(&lists->refusals, evidence_text(e, m.c->sip_id)) != NAMES_NONE;
	verdict_judge(&m);
}

void
verdict_reach(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules)
{
	struct lists lists = {0};
	size_t i;

	*v = (struct verdict){.call_count = e->caller_count};
	v->calls = mem_zero((e->caller_count + 1) * sizeof(*v->calls));
	gather(&v->links, e);
	for (i = 0; i < e->drain_count; i++)
		names_set(&lists.drains, evidence_text(e, e->drains[i].call), i);
	for (i = 0; i < e->refusal_count; i++)
		if (e->refusals[i].sip_id != 0)
			names_set(&lists.refusals, evidence_text(e, e->refusals[i].sip_id), i);
	for (i = 0; i < e->caller_count; i++)
		judge(v, e, rules, &lists, i);
	find_ghosts(v, e, rules);
	verdict_compare(v, e);
	verdict_check(v, e, rules);
	count(v, e);
	names_free(&lists.drains);
	names_free(&lists.refusals);
}

static void
free_links(struct verdict_links *links)
{
	free(links->first_leg);
	free(links->next_leg);
	free(links->owner);
	free(links->first_sighting);
	free(links->next_sighting);
}

void
verdict_free(struct verdict *v)
{
	size_t i;

	for (i = 0; i < v->disagreement_count; i++) {
		free(v->disagreements[i].call);
		free(v->disagreements[i].text);
	}
	for (i = 0; i < v->drop_count; i++)
		free(v->drops[i].text);
	for (i = 0; i < v->violation_count && i < VERDICT_VIOLATIONS; i++)
		free(v->violations[i].text);
	free_links(&v->links);
	free(v->disagreements);
	free(v->violations);
	free(v->drops);
	free(v->calls);
	*v = (struct verdict){0};
}
