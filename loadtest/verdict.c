/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define MS 1000LL

/* The two SIPps' clocks are one, but each stamps when its own loop comes round. */
#define SKEW_US (50 * MS)

/*
 * A caller who hangs up this soon after the agent's ACK may meet a call that isn't bridged yet;
 * then mqsd rightly says abandoned.
 */
#define RACE_US (1000 * MS)

const char *const verdict_end_names[VERDICT_ENDS] = {
	"refused", "completed", "abandoned", "ruled", "drained", "dropped",
};
const char *const verdict_class_names[VERDICT_CLASSES] = {"sip", "server"};

const struct verdict_rules verdict_default_rules = {
	.hangup_us = 5000 * MS,
	.ghost_us = 10000 * MS,
};

static const char by_callers[] = "callers' SIPp";
static const char by_agents[] = "agents' SIPp";
static const char by_nodes[] = "nodes";

/* What judge() looks at: one call and all that is known of it. */
struct matter {
	const struct evidence *e;
	const struct verdict_rules *rules;
	const struct verdict_legs *legs;
	const struct caller *c;
	const struct told *told;   /* or NULL */
	const struct death *death; /* of its node while it lived, or NULL */
	const struct drain *drain; /* or NULL */
	struct verdict_call *call;
};

const struct told *
verdict_told(const struct evidence *e, size_t caller)
{
	size_t i = names_find(&e->told_by_sip, e->callers[caller].sip_id);

	return i != NAMES_NONE ? &e->tolds[i] : NULL;
}

__attribute__((format(printf, 4, 5))) static void
drop(struct matter *m, enum verdict_class class, const char *witness, const char *fmt, ...)
{
	struct verdict_call *call = m->call;
	va_list ap;
	size_t len;

	call->end = VERDICT_DROPPED;
	call->class = m->death != NULL ? VERDICT_SERVER : class;
	call->excusable = m->death != NULL;
	call->witness = witness;
	va_start(ap, fmt);
	vsnprintf(call->text, sizeof(call->text), fmt, ap);
	va_end(ap);
	len = strlen(call->text);
	if (m->death != NULL)
		snprintf(call->text + len, sizeof(call->text) - len, "; its node %s had died",
			 m->death->node);
	else if (m->told != NULL && m->told->reason != NULL)
		snprintf(call->text + len, sizeof(call->text) - len, "; mqsd says: %s",
			 m->told->reason);
}

static bool
near(int64_t cause, int64_t effect, int64_t within)
{
	return cause != 0 && effect != 0 && effect >= cause - SKEW_US && effect <= cause + within;
}

/* Died while the call was there? A node that a call never was on is no excuse. */
static const struct death *
death_of(const struct evidence *e, const struct caller *c, const char *node)
{
	int64_t end = caller_end(c);
	size_t i;

	for (i = 0; node != NULL && i < e->death_count; i++)
		if (strcmp(e->deaths[i].node, node) == 0 && c->invite <= e->deaths[i].at &&
		    (end == 0 || end + SKEW_US >= e->deaths[i].at))
			return &e->deaths[i];
	return NULL;
}

/* mqsd may have died with its word unsaid: where the nodes showed the call counts as well. */
static const char *
node_of(const struct evidence *e, const struct caller *c, const struct told *told)
{
	size_t i;

	if (told != NULL && told->node != NULL)
		return told->node;
	for (i = 0; i < e->sighting_count; i++)
		if (e->sightings[i].sip_id != NULL &&
		    strcmp(e->sightings[i].sip_id, c->sip_id) == 0)
			return e->sightings[i].node;
	return NULL;
}

static bool
refused_by_mqsd(const struct matter *m)
{
	size_t i;

	for (i = 0; i < m->e->refusal_count; i++)
		if (m->e->refusals[i].sip_id != NULL &&
		    strcmp(m->e->refusals[i].sip_id, m->c->sip_id) == 0)
			return true;
	return false;
}

/* The agent's side got a BYE: somebody must have wished it. False and a drop when nobody did. */
static bool
leg_end_explained(struct matter *m, const struct leg *leg)
{
	int64_t end = leg_end(leg);

	if (leg->bye_out != 0 && leg->bye_out <= leg->bye_in + SKEW_US)
		return true; /* both at once */
	if (near(m->c->bye_out, leg->bye_in, m->rules->hangup_us))
		return true;
	if (m->c->bye_out != 0 && leg->bye_in > m->c->bye_out)
		drop(m, VERDICT_SERVER, by_agents,
		     "agent %s was let go %lld ms after the caller had hung up", leg->agent,
		     (long long)((leg->bye_in - m->c->bye_out) / MS));
	else
		drop(m, VERDICT_SERVER, by_agents,
		     "the conversation with agent %s was cut after %lld ms, neither side had hung "
		     "up",
		     leg->agent, (long long)((end - leg->ack) / MS));
	return false;
}

/* Whether the agent's side of it went as SIP has it. False and a drop when not. */
static bool
leg_sound(struct matter *m, const struct leg *leg)
{
	const char *agent = leg->agent != NULL ? leg->agent : "?";

	if (leg->failure != NULL)
		drop(m, VERDICT_SIP, by_agents, "agent %s: %s", agent, leg->failure);
	else if (leg_end(leg) == 0)
		drop(m, VERDICT_SERVER, by_agents, "agent %s still %s", agent,
		     leg->ok != 0 ? "holds the line" : "rings");
	else if (leg->ok != 0 && leg->ack == 0 && leg->bye_in == 0)
		drop(m, VERDICT_SIP, by_agents, "agent %s answered and got no ACK", agent);
	else if (leg->bye_out != 0 && leg->bye_ok == 0 && leg->bye_in == 0)
		drop(m, VERDICT_SIP, by_agents, "agent %s hung up and got no answer", agent);
	else if (leg->ack != 0 && leg->bye_in != 0)
		return leg_end_explained(m, leg);
	else
		return true;
	return false;
}

static bool
caller_sound(struct matter *m)
{
	const struct caller *c = m->c;

	if (c->failure != NULL)
		drop(m, VERDICT_SIP, by_callers, "%s", c->failure);
	else if (c->ok == 0)
		drop(m, VERDICT_SIP, by_callers, "the caller's INVITE was never answered");
	else if (caller_end(c) == 0)
		drop(m, VERDICT_SERVER, by_callers, "the call was still up when the run ended");
	else if (c->bye_out != 0 && c->bye_ok == 0 && c->bye_in == 0)
		drop(m, VERDICT_SIP, by_callers, "the caller hung up and got no answer");
	else
		return true;
	return false;
}

/* The caller hung up: abandoned, or the end of a conversation. */
static void
judge_caller_left(struct matter *m, const struct leg *talk)
{
	int64_t left = m->c->bye_out;
	bool unbridged = m->told != NULL && m->told->bridged == 0;

	if (talk == NULL || talk->ack > left || (unbridged && left - talk->ack < RACE_US))
		m->call->end = VERDICT_ABANDONED;
	else if (talk->bye_out != 0 && left > talk->bye_out + m->rules->hangup_us)
		drop(m, VERDICT_SERVER, by_callers,
		     "agent %s hung up, the caller was not let go and left %lld ms later",
		     talk->agent, (long long)((left - talk->bye_out) / MS));
	else
		m->call->end = VERDICT_COMPLETED;
}

/* The caller got a BYE: by whose wish? */
static void
judge_caller_ended(struct matter *m, const struct leg *talk)
{
	int64_t end = m->c->bye_in;

	if (talk != NULL && near(talk->bye_out, end, m->rules->hangup_us))
		m->call->end = VERDICT_COMPLETED;
	else if (talk != NULL && talk->bye_out != 0 && end > talk->bye_out)
		drop(m, VERDICT_SERVER, by_callers,
		     "the caller was let go %lld ms after agent %s had hung up",
		     (long long)((end - talk->bye_out) / MS), talk->agent);
	else if (talk != NULL)
		drop(m, VERDICT_SERVER, by_callers,
		     "the caller got a BYE while agent %s was talking, neither had hung up",
		     talk->agent);
	else if (m->drain != NULL && near(m->drain->at, end, m->rules->hangup_us))
		m->call->end = VERDICT_DRAINED;
	else if (m->rules->may_refuse && refused_by_mqsd(m))
		m->call->end = VERDICT_REFUSED;
	else if (m->rules->may_end && m->told != NULL && m->told->reason != NULL &&
		 strcmp(m->told->reason, "max_wait") == 0)
		m->call->end = VERDICT_RULED;
	else
		drop(m, VERDICT_SERVER, by_callers,
		     "the waiting caller got a BYE after %lld ms that nobody had asked for",
		     (long long)((end - m->c->ok) / MS));
}

static void
judge(struct matter *m)
{
	const struct leg *leg, *talk = NULL;
	size_t i;

	if (!caller_sound(m))
		return;
	for (i = m->legs->first[m->call->caller]; i != NAMES_NONE; i = m->legs->next[i]) {
		leg = &m->e->legs[i];
		if (!leg_sound(m, leg))
			return;
		if (leg->ack != 0 && (talk == NULL || leg->ack > talk->ack)) {
			talk = leg;
			m->call->talk = i;
		}
	}
	if (m->c->bye_out != 0)
		judge_caller_left(m, talk);
	else
		judge_caller_ended(m, talk);
	if (m->call->end == VERDICT_ABANDONED)
		m->call->talk = NAMES_NONE;
}

/* What a node still lists long after its end is not over, whatever the parties think. */
static void
ghost(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules, size_t caller,
      const char *what, const char *node, int64_t at)
{
	struct verdict_call *call = &v->calls[caller];
	int64_t end = caller_end(&e->callers[caller]);
	struct matter m = {.call = call};

	if (call->end == VERDICT_DROPPED || end == 0 || at <= end + rules->ghost_us)
		return;
	drop(&m, VERDICT_SERVER, by_nodes, "node %s still has %s %lld ms after the end", node, what,
	     (long long)((at - end) / MS));
}

static void
find_ghosts(struct verdict *v, const struct evidence *e, const struct verdict_legs *legs,
	    const struct verdict_rules *rules)
{
	size_t i, c, leg, told;
	char *call;

	for (i = 0; i < e->sighting_count; i++) {
		const struct sighting *s = &e->sightings[i];

		c = names_find(&e->caller_by_sip, s->sip_id);
		leg = names_find(&e->leg_by_sip, s->sip_id);
		if (c != NAMES_NONE)
			ghost(v, e, rules, c, "the caller's channel", s->node, s->at);
		else if (leg != NAMES_NONE && legs->owner[leg] != NAMES_NONE)
			ghost(v, e, rules, legs->owner[leg], "the agent's channel", s->node, s->at);
	}
	for (i = 0; i < e->bridge_count; i++) {
		call = evidence_call_of(e->bridges[i].id);
		told = names_find(&e->told_by_call, call);
		free(call);
		c = told != NAMES_NONE ? names_find(&e->caller_by_sip, e->tolds[told].sip_id)
				       : NAMES_NONE;
		if (c != NAMES_NONE)
			ghost(v, e, rules, c, "its bridge", e->bridges[i].node, e->bridges[i].at);
	}
}

static void
gather_legs(struct verdict_legs *legs, const struct evidence *e)
{
	size_t i, told, c;

	legs->first = mem_alloc((e->caller_count + 1) * sizeof(size_t));
	legs->next = mem_alloc((e->leg_count + 1) * sizeof(size_t));
	legs->owner = mem_alloc((e->leg_count + 1) * sizeof(size_t));
	for (i = 0; i < e->caller_count; i++)
		legs->first[i] = NAMES_NONE;
	for (i = 0; i < e->leg_count; i++) {
		told = names_find(&e->told_by_call, e->legs[i].call);
		c = told != NAMES_NONE ? names_find(&e->caller_by_sip, e->tolds[told].sip_id)
				       : NAMES_NONE;
		legs->owner[i] = c;
		legs->next[i] = c != NAMES_NONE ? legs->first[c] : NAMES_NONE;
		if (c != NAMES_NONE)
			legs->first[c] = i;
	}
}

void
verdict_disagree(struct verdict *v, const char *call, const char *fmt, ...)
{
	struct verdict_disagreement *d;
	char text[VERDICT_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v->disagreements = mem_grow(v->disagreements, v->disagreement_count + 1, sizeof(*d));
	d = &v->disagreements[v->disagreement_count++];
	d->call = mem_dup(call != NULL ? call : "");
	d->text = mem_dup(text);
}

static void
count(struct verdict *v, const struct evidence *e)
{
	const struct told *told;
	size_t i;

	for (i = 0; i < v->call_count; i++) {
		v->ends[v->calls[i].end]++;
		if (v->calls[i].end == VERDICT_DROPPED)
			v->drops[v->calls[i].class]++, v->excusable += v->calls[i].excusable;
		told = verdict_told(e, i);
		v->entered += told != NULL && told->entered != 0;
		v->bridged += told != NULL && told->bridged != 0;
	}
}

void
verdict_reach(struct verdict *v, const struct evidence *e, const struct verdict_rules *rules)
{
	struct verdict_legs legs;
	struct names drains = {0};
	size_t i, d;

	*v = (struct verdict){.call_count = e->caller_count};
	v->calls = mem_zero((e->caller_count + 1) * sizeof(*v->calls));
	gather_legs(&legs, e);
	for (i = 0; i < e->drain_count; i++)
		names_set(&drains, e->drains[i].call, i);
	for (i = 0; i < e->caller_count; i++) {
		const struct told *told = verdict_told(e, i);
		struct matter m = {.e = e,
				   .rules = rules,
				   .legs = &legs,
				   .c = &e->callers[i],
				   .told = told,
				   .call = &v->calls[i]};

		m.call->caller = i;
		m.call->id = told != NULL ? told->call : NULL;
		m.call->talk = NAMES_NONE;
		if (e->death_count > 0)
			m.death = death_of(e, m.c, node_of(e, m.c, told));
		d = names_find(&drains, m.call->id);
		m.drain = d != NAMES_NONE ? &e->drains[d] : NULL;
		judge(&m);
	}
	find_ghosts(v, e, &legs, rules);
	verdict_compare(v, e, &legs);
	count(v, e);
	names_free(&drains);
	free(legs.first);
	free(legs.next);
	free(legs.owner);
}

void
verdict_free(struct verdict *v)
{
	size_t i;

	for (i = 0; i < v->disagreement_count; i++) {
		free(v->disagreements[i].call);
		free(v->disagreements[i].text);
	}
	free(v->disagreements);
	free(v->calls);
	*v = (struct verdict){0};
}
