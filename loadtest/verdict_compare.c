/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/verdict.h"

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static const char *
shown(const char *s)
{
	return s != NULL ? s : "?";
}

/* What the witnesses are called by: mqsd's id where there is one. */
static const char *
call_name(const struct verdict *v, const struct evidence *e, size_t caller)
{
	return v->calls[caller].id != NULL ? v->calls[caller].id : e->callers[caller].sip_id;
}

static bool
told_completed(const struct told *told)
{
	return told->bridged != 0 &&
	       (same(told->reason, "agent_left") || same(told->reason, "caller_left"));
}

/* The SIPps saw a conversation: mqsd must have told the same one. */
static void
compare_completed(struct verdict *v, const struct evidence *e, size_t i, const struct told *told)
{
	const struct leg *talk = &e->legs[v->calls[i].talk];
	const char *name = call_name(v, e, i);

	if (told->bridged == 0)
		verdict_disagree(v, name, "the SIPps saw a conversation with %s, mqsd no bridge",
				 shown(talk->agent));
	else if (!same(told->agent, talk->agent))
		verdict_disagree(v, name, "agents' SIPp saw it at %s, mqsd bridged it with %s",
				 shown(talk->agent), shown(told->agent));
	else if (!same(told->leg, talk->id))
		verdict_disagree(v, name, "agents' SIPp saw leg %s, mqsd bridged leg %s",
				 shown(talk->id), shown(told->leg));
	if (!told_completed(told))
		verdict_disagree(v, name, "the SIPps saw it completed, mqsd ended it as %s",
				 shown(told->reason));
	if (talk->ack + VERDICT_SKEW_US < e->callers[i].ok)
		verdict_disagree(v, name,
				 "agent %s was connected before the caller had been answered",
				 shown(talk->agent));
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
	if (end == VERDICT_ABANDONED && !same(told->reason, "abandoned"))
		verdict_disagree(v, name, "callers' SIPp saw it abandoned, mqsd ended it as %s",
				 shown(told->reason));
	for (leg = v->links.first_leg[i]; leg != NAMES_NONE; leg = v->links.next_leg[leg])
		if (e->legs[leg].ack != 0)
			return;
	if (told_completed(told))
		verdict_disagree(v, name,
				 "mqsd says completed with %s, no agent's SIPp talked in it",
				 shown(told->agent));
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
					 shown(x->agent), shown(y->agent));
		}
}

/* Whom the nodes had bridged: both ends must be of the same call. */
static void
compare_bridges(struct verdict *v, const struct evidence *e)
{
	struct names caller_in = {0}, said = {0};
	size_t i, c, leg;
	char *key;

	/* A bridge's id is never used again, so sightings of different times may be joined by it.
	 */
	for (i = 0; i < e->sighting_count; i++) {
		c = names_find(&e->caller_by_sip, e->sightings[i].sip_id);
		if (c != NAMES_NONE && e->sightings[i].bridge != NULL)
			names_set(&caller_in, e->sightings[i].bridge, c);
	}
	for (i = 0; i < e->sighting_count; i++) {
		const struct sighting *s = &e->sightings[i];

		leg = names_find(&e->leg_by_sip, s->sip_id);
		c = names_find(&caller_in, s->bridge);
		if (leg == NAMES_NONE || c == NAMES_NONE || v->links.owner[leg] == c)
			continue;
		key = mem_printf("%zu %zu", leg, c);
		if (names_find(&said, key) == NAMES_NONE)
			verdict_disagree(
				v, call_name(v, e, c),
				"node %s had it bridged with %s's leg, which agents' SIPp calls %s",
				s->node, shown(e->legs[leg].agent), shown(e->legs[leg].id));
		names_set(&said, key, 1);
		free(key);
	}
	names_free(&caller_in);
	names_free(&said);
}

/* Which call the nodes had written on the callers' channels. */
static void
compare_channels(struct verdict *v, const struct evidence *e)
{
	struct names said = {0};
	size_t i, c;

	for (i = 0; i < e->sighting_count; i++) {
		const struct sighting *s = &e->sightings[i];

		c = names_find(&e->caller_by_sip, s->sip_id);
		if (c == NAMES_NONE || s->call == NULL || v->calls[c].id == NULL ||
		    strcmp(s->call, v->calls[c].id) == 0 ||
		    names_find(&said, s->sip_id) != NAMES_NONE)
			continue;
		names_set(&said, s->sip_id, 1);
		verdict_disagree(v, v->calls[c].id,
				 "node %s has caller %s as call %s, mqsd's events say %s", s->node,
				 s->sip_id, s->call, v->calls[c].id);
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
				v, e->legs[i].call != NULL ? e->legs[i].call : e->legs[i].sip_id,
				"agent %s was called for it, no caller of the run is in it",
				shown(e->legs[i].agent));
	for (i = 0; i < e->told_count; i++) {
		const struct told *told = &e->tolds[i];

		if (told->entered == 0)
			continue;
		if (names_find(&e->caller_by_sip, told->sip_id) == NAMES_NONE)
			verdict_disagree(v, told->call,
					 "mqsd had it enter, callers' SIPp has no Call-ID %s",
					 shown(told->sip_id));
		else if (names_find(&sips, told->sip_id) != NAMES_NONE)
			verdict_disagree(v, told->call, "mqsd had caller %s enter twice",
					 told->sip_id);
		else
			names_set(&sips, told->sip_id, i);
	}
	for (i = 0; i < e->stray_count; i++)
		verdict_disagree(v, NULL, "%s: %s", e->strays[i].witness, e->strays[i].text);
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
