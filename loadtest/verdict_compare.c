/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/verdict.h"

static bool
is(const struct evidence *e, uint32_t word, const char *text)
{
	return word != 0 && strcmp(evidence_text(e, word), text) == 0;
}

/* What the witnesses are called by: mqsd's id where there is one. */
static const char *
call_name(const struct verdict *v, const struct evidence *e, size_t caller)
{
	return v->calls[caller].id != NULL ? v->calls[caller].id
					   : evidence_text(e, e->callers[caller].sip_id);
}

static bool
told_completed(const struct evidence *e, const struct told *told)
{
	return told->bridged != 0 &&
	       (is(e, told->reason, "agent_left") || is(e, told->reason, "caller_left"));
}

/* The SIPps saw a conversation: mqsd must have told the same one. */
static void
compare_completed(struct verdict *v, const struct evidence *e, size_t i, const struct told *told)
{
	const struct leg *talk = &e->legs[v->calls[i].talk];
	const char *name = call_name(v, e, i);
	char saw[EVIDENCE_ID_MAX], bridged[EVIDENCE_ID_MAX];

	if (told->bridged == 0)
		verdict_disagree(v, name, "the SIPps saw a conversation with %s, mqsd no bridge",
				 evidence_shown(e, talk->agent));
	else if (told->agent == 0 || told->agent != talk->agent)
		verdict_disagree(v, name, "agents' SIPp saw it at %s, mqsd bridged it with %s",
				 evidence_shown(e, talk->agent), evidence_shown(e, told->agent));
	else if (!evidence_same(told->leg, talk->id))
		verdict_disagree(v, name, "agents' SIPp saw leg %s, mqsd bridged leg %s",
				 evidence_shown_id(e, talk->id, saw),
				 evidence_shown_id(e, told->leg, bridged));
	if (!told_completed(e, told))
		verdict_disagree(v, name, "the SIPps saw it completed, mqsd ended it as %s",
				 evidence_shown(e, told->reason));
	if (talk->ack + VERDICT_SKEW_US < e->callers[i].ok)
		verdict_disagree(v, name,
				 "agent %s was connected before the caller had been answered",
				 evidence_shown(e, talk->agent));
}

static void
compare_with_mqsd(struct verdict *v, const struct evidence *e, size_t i)
{
	const struct told *told = verdict_told(e, i);
	const char *name = call_name(v, e, i);
	enum verdict_end end = v->calls[i].end;
	size_t leg;

	if (told == NULL || told->entered == 0) {
		if (end != VERDICT_DROPPED && end != VERDICT_REFUSED && e->callers[i].ok != 0)
			verdict_disagree(v, name,
					 "callers' SIPp saw it %s, mqsd never had it enter",
					 verdict_end_names[end]);
		return;
	}
	if (end == VERDICT_COMPLETED)
		compare_completed(v, e, i, told);
	if (end == VERDICT_ABANDONED && !is(e, told->reason, "abandoned"))
		verdict_disagree(v, name, "callers' SIPp saw it abandoned, mqsd ended it as %s",
				 evidence_shown(e, told->reason));
	for (leg = v->links.first_leg[i]; leg != NAMES_NONE; leg = v->links.next_leg[leg])
		if (e->legs[leg].ack != 0)
			return;
	if (told_completed(e, told))
		verdict_disagree(v, name,
				 "mqsd says completed with %s, no agent's SIPp talked in it",
				 evidence_shown(e, told->agent));
}

/* Two agents in one call at the same time. */
static void
compare_legs(struct verdict *v, const struct evidence *e, size_t i)
{
	size_t a, b;

	for (a = v->links.first_leg[i]; a != NAMES_NONE; a = v->links.next_leg[a])
		for (b = v->links.next_leg[a]; b != NAMES_NONE; b = v->links.next_leg[b]) {
			const struct leg *x = &e->legs[a], *y = &e->legs[b];
			int64_t x_end = leg_end(x), y_end = leg_end(y);

			if (x->ack == 0 || y->ack == 0 || (x_end != 0 && x_end <= y->ack) ||
			    (y_end != 0 && y_end <= x->ack))
				continue;
			verdict_disagree(v, call_name(v, e, i),
					 "agents %s and %s talked in it at the same time",
					 evidence_shown(e, x->agent), evidence_shown(e, y->agent));
		}
}

/* Whom the nodes had bridged: both ends must be of the same call. */
static void
compare_bridges(struct verdict *v, const struct evidence *e)
{
	struct names caller_in = {0};
	char bridge[EVIDENCE_ID_MAX];
	const char *id;
	size_t i, c, leg;

	/* A bridge's id is never used again, so sightings of different times may be joined by it.
	 */
	for (i = 0; i < e->sighting_count; i++) {
		c = evidence_find_caller(e, evidence_text(e, e->sightings[i].sip_id));
		id = evidence_id(e, e->sightings[i].bridge, bridge);
		if (c != NAMES_NONE && id != NULL)
			names_set(&caller_in, id, c);
	}
	for (i = 0; i < e->sighting_count; i++) {
		const struct sighting *s = &e->sightings[i];

		leg = evidence_find_leg(e, evidence_text(e, s->sip_id));
		c = names_find(&caller_in, evidence_id(e, s->bridge, bridge));
		if (leg == NAMES_NONE || c == NAMES_NONE || v->links.owner[leg] == c)
			continue;
		verdict_disagree(
			v, call_name(v, e, c),
			"node %s had it bridged with %s's leg, which agents' SIPp calls %s",
			evidence_shown(e, s->node), evidence_shown(e, e->legs[leg].agent),
			evidence_shown_id(e, e->legs[leg].id, bridge));
	}
	names_free(&caller_in);
}

/* Which call the nodes had written on the callers' channels. */
static void
compare_channels(struct verdict *v, const struct evidence *e)
{
	struct names said = {0};
	size_t i, c, told;

	for (i = 0; i < e->sighting_count; i++) {
		const struct sighting *s = &e->sightings[i];
		const char *sip_id = evidence_text(e, s->sip_id);

		told = evidence_find_told(e, evidence_text(e, s->call));
		if (told != NAMES_NONE && evidence_late(e, &e->tolds[told]))
			continue;
		c = evidence_find_caller(e, sip_id);
		if (c == NAMES_NONE || s->call == 0 || v->calls[c].id == NULL ||
		    is(e, s->call, v->calls[c].id) || names_find(&said, sip_id) != NAMES_NONE)
			continue;
		names_set(&said, sip_id, 1);
		verdict_disagree(v, v->calls[c].id,
				 "node %s has caller %s as call %s, mqsd's events say %s",
				 evidence_shown(e, s->node), sip_id, evidence_shown(e, s->call),
				 v->calls[c].id);
	}
	names_free(&said);
}

/* What one witness has and no other. */
static void
compare_lists(struct verdict *v, const struct evidence *e)
{
	struct names sips = {0};
	size_t i;

	for (i = 0; i < e->leg_count; i++)
		if (v->links.owner[i] == NAMES_NONE)
			verdict_disagree(
				v,
				evidence_shown(e, e->legs[i].id.call != 0 ? e->legs[i].id.call
									  : e->legs[i].sip_id),
				"agent %s was called for it, no caller of the run is in it",
				evidence_shown(e, e->legs[i].agent));
	for (i = 0; i < e->told_count; i++) {
		const struct told *told = &e->tolds[i];
		const char *call = evidence_shown(e, told->call),
			   *sip_id = evidence_text(e, told->sip_id);

		if (told->entered == 0 || evidence_late(e, told))
			continue;
		if (evidence_caller_of(e, told) == NAMES_NONE)
			verdict_disagree(v, call,
					 "mqsd had it enter, callers' SIPp has no Call-ID %s",
					 evidence_shown(e, told->sip_id));
		else if (names_find(&sips, sip_id) != NAMES_NONE)
			verdict_disagree(v, call, "mqsd had caller %s enter twice", sip_id);
		else
			names_set(&sips, sip_id, i);
	}
	for (i = 0; i < e->stray_count; i++)
		verdict_disagree(v, NULL, "%s: %s", evidence_shown(e, e->strays[i].witness),
				 evidence_shown(e, e->strays[i].text));
	if (e->strays_more > 0)
		verdict_disagree(v, NULL, "and %zu more words of SIPp that belong to no call",
				 e->strays_more);
	names_free(&sips);
}

void
verdict_compare(struct verdict *v, const struct evidence *e)
{
	size_t i;

	for (i = 0; i < v->call_count; i++) {
		if (e->mqsd_heard)
			compare_with_mqsd(v, e, i);
		compare_legs(v, e, i);
	}
	compare_lists(v, e);
	compare_bridges(v, e);
	compare_channels(v, e);
}
