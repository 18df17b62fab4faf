/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"

static const char by_callers[] = "callers' SIPp";
static const char by_agents[] = "agents' SIPp";
static const char by_nodes[] = "nodes";
static const char by_us[] = "loadtest";
const char story_mqsd[] = "mqsd";

void
story_add(struct story *s, int64_t at, const char *witness, const char *fmt, ...)
{
	struct story_entry *entry;
	va_list ap;
	char *what, *clean;

	if (at == 0)
		return;
	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		what = mem_dup("");
	va_end(ap);
	/* Strangers wrote parts of it. */
	clean = text_printable_dup(what);
	free(what);
	s->entries = mem_grow(s->entries, s->count + 1, sizeof(*entry));
	entry = &s->entries[s->count++];
	*entry = (struct story_entry){.at = at, .witness = witness, .what = clean};
}

static void
tell_caller(struct story *s, const struct evidence *e, const struct caller *c)
{
	const struct failure *failure = evidence_failure(e, c->failure);

	story_add(s, c->invite, by_callers, "INVITE from %s, Call-ID %s",
		  evidence_shown(e, c->number), evidence_shown(e, c->sip_id));
	story_add(s, c->ok, by_callers, "200 OK");
	story_add(s, c->bye_out, by_callers, "the caller hangs up: BYE");
	story_add(s, c->bye_ok, by_callers, "the caller's BYE is answered");
	story_add(s, c->bye_in, by_callers, "the caller gets a BYE");
	if (failure != NULL)
		story_add(s, failure->at, by_callers, "SIPp gives up: %s",
			  evidence_shown(e, failure->text));
}

static void
tell_leg(struct story *s, const struct evidence *e, const struct leg *leg)
{
	const struct failure *failure = evidence_failure(e, leg->failure);
	const char *agent = evidence_shown(e, leg->agent);
	char id[EVIDENCE_ID_MAX];

	story_add(s, leg->invite, by_agents, "INVITE at agent %s, leg %s, Call-ID %s", agent,
		  evidence_shown_id(e, leg->id, id), evidence_shown(e, leg->sip_id));
	story_add(s, leg->ok, by_agents, "agent %s answers", agent);
	story_add(s, leg->ack, by_agents, "ACK at agent %s", agent);
	story_add(s, leg->cancel, by_agents, "CANCEL at agent %s", agent);
	story_add(s, leg->refused, by_agents, "agent %s is busy or declines", agent);
	story_add(s, leg->bye_out, by_agents, "agent %s hangs up: BYE", agent);
	story_add(s, leg->bye_ok, by_agents, "agent %s's BYE is answered", agent);
	story_add(s, leg->bye_in, by_agents, "agent %s gets a BYE", agent);
	if (failure != NULL)
		story_add(s, failure->at, by_agents, "SIPp gives up: agent %s: %s", agent,
			  evidence_shown(e, failure->text));
}

/* A channel is in many lists: the first that show it so, and the last. */
static void
tell_channels(struct story *s, const struct evidence *e, const struct verdict *v, size_t caller)
{
	const char *node, *agent, *bridge;
	char id[EVIDENCE_ID_MAX], *whose;
	size_t i, leg;

	for (i = v->links.first_sighting[caller]; i != NAMES_NONE; i = v->links.next_sighting[i]) {
		const struct sighting *seen = &e->sightings[i];

		leg = evidence_find_leg(e, evidence_text(e, seen->sip_id));
		agent = leg != NAMES_NONE ? evidence_shown(e, e->legs[leg].agent) : NULL;
		node = evidence_shown(e, seen->node);
		whose = agent != NULL ? mem_printf("agent %s's", agent) : mem_dup("the caller's");
		bridge = evidence_id(e, seen->bridge, id);
		if (bridge != NULL)
			story_add(s, seen->first, by_nodes, "node %s has %s channel, in bridge %s",
				  node, whose, bridge);
		else
			story_add(s, seen->first, by_nodes, "node %s has %s channel, in no bridge",
				  node, whose);
		if (seen->at > seen->first)
			story_add(s, seen->at, by_nodes, "node %s has %s channel as before", node,
				  whose);
		free(whose);
	}
}

static void
tell_acts(struct story *s, const struct evidence *e, size_t caller)
{
	const struct told *told = verdict_told(e, caller);
	size_t i;

	for (i = 0; told != NULL && i < e->drain_count; i++)
		if (e->drains[i].call == told->call)
			story_add(s, e->drains[i].at, by_us, "hangs the waiting call up");
	for (i = 0; told != NULL && i < e->death_count; i++)
		if (e->deaths[i].node == told->node && e->deaths[i].at >= e->callers[caller].invite)
			story_add(s, e->deaths[i].at, by_us, "node %s has died",
				  evidence_shown(e, told->node));
}

void
story_tell(struct story *s, const struct evidence *e, const struct verdict *v, size_t caller)
{
	const struct caller *c = &e->callers[caller];
	size_t i;

	tell_caller(s, e, c);
	for (i = v->links.first_leg[caller]; i != NAMES_NONE; i = v->links.next_leg[i])
		tell_leg(s, e, &e->legs[i]);
	tell_channels(s, e, v, caller);
	tell_acts(s, e, caller);
	for (i = 0; i < e->refusal_count; i++)
		if (e->refusals[i].sip_id == c->sip_id)
			story_add(s, e->refusals[i].at, story_mqsd, "refused: %s",
				  evidence_shown(e, e->refusals[i].reason));
}

void
story_mqsd_short(struct story *s, const struct evidence *e, size_t caller)
{
	const struct told *told = verdict_told(e, caller);
	char leg[EVIDENCE_ID_MAX];

	if (told == NULL)
		return;
	story_add(s, told->entered, story_mqsd, "entered on node %s as %s",
		  evidence_shown(e, told->node), evidence_shown(e, told->call));
	story_add(s, told->bridged, story_mqsd, "bridged with agent %s, leg %s",
		  evidence_shown(e, told->agent), evidence_shown_id(e, told->leg, leg));
	story_add(s, told->ended, story_mqsd, "ended: %s", evidence_shown(e, told->reason));
}

/* What the line of a call need not repeat. */
static bool
is_plain(const char *key)
{
	static const char *const plain[] = {"call", "at", "event", "id", "queue", "entered_ms"};
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(plain[i], key) == 0)
			return true;
	return false;
}

static char *
event_words(const char *name, const json_t *event)
{
	const char *key;
	json_t *value;
	char *text = NULL, *number;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *between = ": ";

	fputs(name, out);
	json_object_foreach((json_t *)event, key, value)
	{
		if (is_plain(key) || (json_is_string(value) && json_string_length(value) == 0))
			continue;
		number = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
		fprintf(out, "%s%s %s", between, key,
			number != NULL ? number : json_string_value(value));
		free(number);
		between = ", ";
	}
	fclose(out);
	return text;
}

int
story_event_line(struct story *s, int64_t from_us, const char *call, const char *line)
{
	const char *tab = strchr(line, '\t'), *data = tab != NULL ? strchr(tab + 1, '\t') : NULL;
	const char *id, *name;
	json_t *event;
	char *words;
	int rc = -1;

	/* Most lines are of others, and not worth parsing. */
	if (data == NULL || strstr(data, call) == NULL)
		return -1;
	event = json_loads(data + 1, JSON_ALLOW_NUL, NULL);
	id = json_string_value(json_object_get(event, "call"));
	name = json_string_value(json_object_get(event, "event"));
	if (id != NULL && name != NULL && strcmp(id, call) == 0) {
		words = event_words(name, event);
		story_add(s,
			  (int64_t)(json_number_value(json_object_get(event, "at")) * 1000) -
				  from_us,
			  story_mqsd, "%s", words);
		free(words);
		rc = 0;
	}
	json_decref(event);
	return rc;
}

/* A call has some dozen entries. */
void
story_sort(struct story *s)
{
	struct story_entry entry;
	size_t i, k;

	for (i = 1; i < s->count; i++) {
		entry = s->entries[i];
		for (k = i; k > 0 && s->entries[k - 1].at > entry.at; k--)
			s->entries[k] = s->entries[k - 1];
		s->entries[k] = entry;
	}
}

json_t *
story_json(const struct story *s, int64_t origin)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->count; i++)
		json_array_append_new(list, json_pack("{s:f, s:s, s:s}", "t",
						      (double)(s->entries[i].at - origin) / 1e6,
						      "witness", s->entries[i].witness, "what",
						      s->entries[i].what));
	return list;
}

void
story_free(struct story *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->entries[i].what);
	free(s->entries);
	*s = (struct story){0};
}
