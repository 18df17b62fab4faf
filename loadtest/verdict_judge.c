/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/verdict.h"

#define MS 1000LL

/* Whoever hangs up this soon after the agent's ACK may do so before both are bridged, as mqsd then
 * rightly says. */
#define RACE_US (1000 * MS)

#define TEXT_MAX 320

static const char by_callers[] = "callers' SIPp";
static const char by_agents[] = "agents' SIPp";

/* What failed because nobody knew of the call any more is not the failure of a command. */
static enum verdict_cause
cause_of(const struct verdict_matter *m, enum verdict_cause cause)
{
	if (m->death != NULL)
		return VERDICT_DIED;
	if (cause == VERDICT_FAILED && m->e->mqsd_heard &&
	    (m->told == NULL || m->told->entered == 0 || m->told->ended == 0))
		return VERDICT_LOST;
	return cause;
}

void
verdict_dropped(struct verdict_matter *m, enum verdict_cause cause, const char *witness,
		const char *fmt, ...)
{
	struct verdict *v = m->v;
	struct verdict_drop *drop;
	char text[TEXT_MAX];
	va_list ap;
	size_t len;

	v->drops = mem_grow(v->drops, v->drop_count + 1, sizeof(*drop));
	drop = &v->drops[v->drop_count];
	v->calls[m->caller].end = VERDICT_DROPPED;
	v->calls[m->caller].drop = v->drop_count++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	len = strlen(text);
	if (m->death != NULL)
		snprintf(text + len, sizeof(text) - len, "; its node %s had died",
			 evidence_text(m->e, m->death->node));
	else if (m->told != NULL && m->told->reason != 0)
		snprintf(text + len, sizeof(text) - len, "; mqsd says: %s",
			 evidence_text(m->e, m->told->reason));
	*drop = (struct verdict_drop){
		.caller = m->caller,
		.cause = cause_of(m, cause),
		.excusable = m->death != NULL,
		.witness = witness,
		.text = mem_dup(text),
	};
}

int64_t
verdict_due(const struct verdict_rules *rules, int64_t cause, int64_t us)
{
	int64_t by = cause + us;
	size_t i;

	for (i = 0; i < rules->fault_count; i++)
		if (rules->faults[i].from <= by && rules->faults[i].until > by)
			by = rules->faults[i].until;
	return by;
}

static bool
near(const struct verdict_matter *m, int64_t cause, int64_t effect)
{
	return cause != 0 && effect != 0 && effect >= cause - VERDICT_SKEW_US &&
	       effect <= verdict_due(m->rules, cause, m->rules->hangup_us);
}

static struct verdict_call *
call_of(const struct verdict_matter *m)
{
	return &m->v->calls[m->caller];
}

/* A phone answered as its offer was taken back, which a fault's recovery may do to what rings: no
 * conversation yet, and the caller is offered again. */
static bool
taken_back(const struct verdict_matter *m, const struct leg *leg)
{
	int64_t end = caller_end(m->c);
	size_t i;

	if (leg->bye_in - leg->ack >= RACE_US || (end != 0 && end < leg->bye_in + RACE_US) ||
	    (m->told != NULL && m->told->bridged != 0 && evidence_same(m->told->leg, leg->id)))
		return false;
	for (i = 0; i < m->rules->fault_count; i++)
		if (m->rules->faults[i].from <= leg->bye_in &&
		    m->rules->faults[i].until > leg->bye_in)
			return true;
	return false;
}

/* The agent's side got a BYE: somebody must have wished it. False and a drop when nobody did. */
static bool
leg_end_explained(struct verdict_matter *m, const struct leg *leg)
{
	int64_t end = leg_end(leg);

	if (leg->bye_out != 0 && leg->bye_out <= leg->bye_in + VERDICT_SKEW_US)
		return true; /* both at once */
	if (near(m, m->c->bye_out, leg->bye_in) || taken_back(m, leg))
		return true;
	if (m->c->bye_out != 0 && leg->bye_in > m->c->bye_out)
		verdict_dropped(m, VERDICT_FAILED, by_agents,
				"agent %s was let go %lld ms after the caller had hung up",
				evidence_text(m->e, leg->agent),
				(long long)((leg->bye_in - m->c->bye_out) / MS));
	else
		verdict_dropped(m, VERDICT_FAILED, by_agents,
				"the conversation with agent %s was cut after %lld ms, neither "
				"side had hung "
				"up",
				evidence_text(m->e, leg->agent),
				(long long)((end - leg->ack) / MS));
	return false;
}

/* Whether the agent's side of it went as SIP has it. False and a drop when not. */
static bool
leg_sound(struct verdict_matter *m, const struct leg *leg)
{
	const char *agent = leg->agent != 0 ? evidence_text(m->e, leg->agent) : "?";
	const char *failure = evidence_failed(m->e, leg->failure);

	if (failure != NULL)
		verdict_dropped(m, verdict_cause_of_failure(failure), by_agents, "agent %s: %s",
				agent, failure);
	else if (leg_end(leg) == 0)
		verdict_dropped(m, VERDICT_FAILED, by_agents, "agent %s still %s", agent,
				leg->ok != 0 ? "holds the line" : "rings");
	else if (leg->ok != 0 && leg->ack == 0 && leg->bye_in == 0)
		verdict_dropped(m, VERDICT_MISSING, by_agents, "agent %s answered and got no ACK",
				agent);
	else if (leg->bye_out != 0 && leg->bye_ok == 0 && leg->bye_in == 0)
		verdict_dropped(m, VERDICT_MISSING, by_agents, "agent %s hung up and got no answer",
				agent);
	else if (leg->ack != 0 && leg->bye_in != 0)
		return leg_end_explained(m, leg);
	else
		return true;
	return false;
}

static bool
caller_sound(struct verdict_matter *m)
{
	const struct caller *c = m->c;
	const char *failure = evidence_failed(m->e, c->failure);

	if (failure != NULL)
		verdict_dropped(m, verdict_cause_of_failure(failure), by_callers, "%s", failure);
	else if (c->ok == 0)
		verdict_dropped(m, VERDICT_TIMEOUT, by_callers,
				"the caller's INVITE was never answered");
	else if (caller_end(c) == 0)
		verdict_dropped(m,
				m->told != NULL && m->told->ended == 0 ? VERDICT_UNENDED
								       : VERDICT_FAILED,
				by_callers, "the call was still up when the run ended");
	else if (c->bye_out != 0 && c->bye_ok == 0 && c->bye_in == 0)
		verdict_dropped(m, VERDICT_MISSING, by_callers,
				"the caller hung up and got no answer");
	else
		return true;
	return false;
}

/* The agent hung up before it was connected, says mqsd, and there was hardly time to: by its own
 * wish, and the caller waits on. */
static bool
left_unbridged(const struct verdict_matter *m, const struct leg *leg)
{
	return leg->bye_out != 0 && leg->bye_out < verdict_due(m->rules, leg->ack, RACE_US) &&
	       m->told != NULL &&
	       (m->told->bridged == 0 || m->told->leg.call != leg->id.call ||
		m->told->leg.n != leg->id.n);
}

/* The caller hung up: abandoned, or the end of a conversation. */
static void
judge_caller_left(struct verdict_matter *m, const struct leg *talk)
{
	int64_t left = m->c->bye_out;
	bool unbridged = m->told != NULL && m->told->bridged == 0;

	if (talk == NULL || talk->ack > left ||
	    (unbridged && left < verdict_due(m->rules, talk->ack, RACE_US)) ||
	    (left_unbridged(m, talk) && left > talk->bye_out))
		call_of(m)->end = VERDICT_ABANDONED;
	else if (talk->bye_out != 0 &&
		 left > verdict_due(m->rules, talk->bye_out, m->rules->hangup_us))
		verdict_dropped(
			m, VERDICT_FAILED, by_callers,
			"agent %s hung up, the caller was not let go and left %lld ms later",
			evidence_text(m->e, talk->agent), (long long)((left - talk->bye_out) / MS));
	else
		call_of(m)->end = VERDICT_COMPLETED;
}

/* The caller got a BYE: by whose wish? */
static void
judge_caller_ended(struct verdict_matter *m, const struct leg *talk)
{
	int64_t end = m->c->bye_in;

	if (talk != NULL && left_unbridged(m, talk) && !near(m, talk->bye_out, end))
		talk = NULL;
	if (talk != NULL && near(m, talk->bye_out, end))
		call_of(m)->end = VERDICT_COMPLETED;
	else if (talk != NULL && talk->bye_out != 0 && end > talk->bye_out)
		verdict_dropped(m, VERDICT_FAILED, by_callers,
				"the caller was let go %lld ms after agent %s had hung up",
				(long long)((end - talk->bye_out) / MS),
				evidence_text(m->e, talk->agent));
	else if (talk != NULL)
		verdict_dropped(
			m, VERDICT_FAILED, by_callers,
			"the caller got a BYE while agent %s was talking, neither had hung up",
			evidence_text(m->e, talk->agent));
	else if (m->drain != NULL && near(m, m->drain->at, end))
		call_of(m)->end = VERDICT_DRAINED;
	else if (m->rules->may_refuse && m->refused)
		call_of(m)->end = VERDICT_REFUSED;
	else if (m->rules->may_end && m->told != NULL && m->told->reason != 0 &&
		 strcmp(evidence_text(m->e, m->told->reason), "max_wait") == 0)
		call_of(m)->end = VERDICT_RULED;
	else
		verdict_dropped(
			m, VERDICT_FAILED, by_callers,
			"the waiting caller got a BYE after %lld ms that nobody had asked for",
			(long long)((end - m->c->ok) / MS));
}

void
verdict_judge(struct verdict_matter *m)
{
	const struct verdict_links *links = &m->v->links;
	const struct leg *leg, *talk = NULL;
	size_t i;

	if (!caller_sound(m))
		return;
	for (i = links->first_leg[m->caller]; i != NAMES_NONE; i = links->next_leg[i]) {
		leg = &m->e->legs[i];
		if (!leg_sound(m, leg))
			return;
		if (leg->ack != 0 && (talk == NULL || leg->ack > talk->ack)) {
			talk = leg;
			call_of(m)->talk = i;
		}
	}
	if (m->c->bye_out != 0)
		judge_caller_left(m, talk);
	else
		judge_caller_ended(m, talk);
	if (call_of(m)->end == VERDICT_ABANDONED || call_of(m)->end == VERDICT_DRAINED)
		call_of(m)->talk = NAMES_NONE;
}
