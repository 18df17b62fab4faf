/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/measure.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* +1 or -1 at a time, to find the highest sum. */
struct edge {
	int64_t at;
	int step;
};

struct edges {
	struct edge *items;
	size_t count;
};

static void
span(struct edges *edges, int64_t from, int64_t to)
{
	if (from == 0)
		return;
	edges->items[edges->count++] = (struct edge){from, 1};
	if (to != 0)
		edges->items[edges->count++] = (struct edge){to, -1};
}

/* At equal times ends go first: one call after the other is not two at once. */
static int
by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->step - y->step;
}

static size_t
peak(struct edges *edges)
{
	size_t i;
	long now = 0, most = 0;

	qsort(edges->items, edges->count, sizeof(*edges->items), by_time);
	for (i = 0; i < edges->count; i++) {
		now += edges->items[i].step;
		most = now > most ? now : most;
	}
	edges->count = 0;
	return (size_t)most;
}

static int64_t
over(const struct evidence *e, const struct caller *c)
{
	int64_t end = caller_end(c);

	const struct failure *failure = evidence_failure(e, c->failure);

	return end != 0 || failure == NULL ? end : failure->at;
}

static void
take_length(struct measure *m, const struct evidence *e)
{
	size_t i;

	for (i = 0; i < e->caller_count; i++) {
		const struct caller *c = &e->callers[i];

		if (c->invite != 0 && (m->first_us == 0 || c->invite < m->first_us))
			m->first_us = c->invite;
		if (over(e, c) > m->last_us)
			m->last_us = over(e, c);
	}
	if (m->last_us < m->first_us)
		m->last_us = m->first_us;
}

static size_t
caller_of(const struct evidence *e, const struct leg *leg)
{
	size_t told = evidence_told_of(e, leg->id);

	return told != NAMES_NONE ? evidence_caller_of(e, &e->tolds[told]) : NAMES_NONE;
}

static void
take_peaks(struct measure *m, const struct evidence *e)
{
	struct edges edges = {0};
	int64_t *talked = mem_zero((e->caller_count + 1) * sizeof(*talked));
	size_t i, c;

	edges.items = mem_alloc((2 * (e->caller_count + e->leg_count) + 1) * sizeof(*edges.items));
	for (i = 0; i < e->caller_count; i++)
		span(&edges, e->callers[i].ok, over(e, &e->callers[i]));
	m->peak_calls = peak(&edges);
	for (i = 0; i < e->leg_count; i++) {
		c = caller_of(e, &e->legs[i]);
		if (e->legs[i].ack != 0 && c != NAMES_NONE &&
		    (talked[c] == 0 || e->legs[i].ack < talked[c]))
			talked[c] = e->legs[i].ack;
		span(&edges, e->legs[i].ack, leg_end(&e->legs[i]));
	}
	m->peak_talking = peak(&edges);
	for (i = 0; i < e->caller_count; i++)
		span(&edges, e->callers[i].ok,
		     talked[i] != 0 ? talked[i] : over(e, &e->callers[i]));
	m->peak_waiting = peak(&edges);
	free(edges.items);
	free(talked);
}

static int
by_invite(const void *a, const void *b)
{
	const struct leg *x = *(const struct leg *const *)a, *y = *(const struct leg *const *)b;

	return (x->invite > y->invite) - (x->invite < y->invite);
}

/* What mqsd told of the bridge that the leg was in; NULL: it was in none. */
static const struct told *
bridge_of(const struct evidence *e, const struct leg *leg)
{
	size_t told = evidence_told_of(e, leg->id);

	return told != NAMES_NONE && e->tolds[told].bridged != 0 &&
			       evidence_same(e->tolds[told].leg, leg->id)
		       ? &e->tolds[told]
		       : NULL;
}

static int64_t
free_again(const struct evidence *e, const struct leg *leg, const struct rests *rests)
{
	const struct rest_leg went = {
		.invite = leg->invite,
		.end = leg->bye_ok != 0 ? leg->bye_ok : leg_end(leg),
		.refused = leg->refused != 0,
		.busy = leg->busy,
		.cancelled = leg->cancel != 0,
		.talked = leg->ack != 0,
		.bridged = bridge_of(e, leg) != NULL,
		.left = leg->bye_out != 0 && leg->bye_out == leg_end(leg),
	};

	return rest_until(rests, &went);
}

static void
take_offers(struct measure *m, const struct evidence *e, const struct rests *rests)
{
	const struct leg **legs = mem_alloc((e->leg_count + 1) * sizeof(struct leg *));
	int64_t *caller_ready = mem_alloc((e->caller_count + 1) * sizeof(int64_t)), *agent_ready,
		from;
	struct names agents = {0};
	size_t i, c, a, agent_count = 0;

	agent_ready = mem_zero((e->leg_count + e->login_count + 1) * sizeof(int64_t));
	for (i = 0; i < e->caller_count; i++)
		caller_ready[i] = e->callers[i].ok;
	for (i = 0; i < e->login_count; i++) {
		const char *agent = evidence_text(e, e->logins[i].agent);

		if (names_find(&agents, agent) == NAMES_NONE)
			names_set(&agents, agent, agent_count++);
		agent_ready[names_find(&agents, agent)] = e->logins[i].at;
	}
	m->registered = agent_count;
	for (i = 0; i < e->leg_count; i++)
		legs[i] = &e->legs[i];
	qsort(legs, e->leg_count, sizeof(*legs), by_invite);
	for (i = 0; i < e->leg_count; i++) {
		c = caller_of(e, legs[i]);
		a = names_find(&agents, evidence_text(e, legs[i]->agent));
		if (c == NAMES_NONE || a == NAMES_NONE || legs[i]->invite == 0)
			continue;
		from = agent_ready[a] > caller_ready[c] ? agent_ready[a] : caller_ready[c];
		if (agent_ready[a] != 0 && caller_ready[c] != 0)
			hist_add(&m->offer, legs[i]->invite > from ? legs[i]->invite - from : 0);
		agent_ready[a] = free_again(e, legs[i], rests);
		caller_ready[c] = leg_end(legs[i]);
	}
	free(legs);
	free(caller_ready);
	free(agent_ready);
	names_free(&agents);
}

static void
take_connects(struct measure *m, const struct evidence *e)
{
	size_t i;

	for (i = 0; i < e->leg_count; i++) {
		const struct told *told = bridge_of(e, &e->legs[i]);
		int64_t ok = e->legs[i].ok;

		/* When one that was found talking was connected nobody saw. */
		if (ok != 0 && told != NULL && !told->adopted)
			hist_add(&m->connect, told->bridged > ok ? told->bridged - ok : 0);
	}
}

void
measure_take(struct measure *m, const struct evidence *e, const struct rests *rests)
{
	*m = (struct measure){0};
	take_length(m, e);
	take_peaks(m, e);
	take_offers(m, e, rests);
	take_connects(m, e);
}

void
measure_free(struct measure *m)
{
	hist_free(&m->offer);
	hist_free(&m->connect);
}
