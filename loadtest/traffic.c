/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/traffic.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"

#define ASK_US 5000000 /* so long a leg may wait for the event that says whose it is */

/* A caller's call or a leg, from its INVITE to some time after its end. */
struct traffic_party {
	UT_hash_handle by_sip, by_call, by_leg;
	TAILQ_ENTRY(traffic_party) ended_entry, asking_entry, over_entry;
	char *sip_id;
	char *call; /* mqsd's id of the call; of a caller once it is told */
	char *leg;  /* X-MQS-Call */
	bool is_caller, asks, up, talked;
	bool over, sent_away; /* in that list; by the other side, or by nobody */
	int64_t invite, ok, bridged, end;
	int64_t ready; /* caller: since then it could be offered; leg: its agent's, at the INVITE */
	struct traffic_agent *agent;
};

struct traffic_agent {
	UT_hash_handle hh;
	char *name;
	int64_t registered, ready; /* 0: has a call */
};

void
traffic_open(struct traffic *t, int64_t wrapup_us)
{
	*t = (struct traffic){.wrapup_us = wrapup_us};
	TAILQ_INIT(&t->ended);
	TAILQ_INIT(&t->asking);
	TAILQ_INIT(&t->over);
}

static void
forget(struct traffic *t, struct traffic_party *p)
{
	if (p->asks)
		TAILQ_REMOVE(&t->asking, p, asking_entry);
	if (p->over)
		TAILQ_REMOVE(&t->over, p, over_entry);
	if (p->end != 0)
		TAILQ_REMOVE(&t->ended, p, ended_entry);
	HASH_DELETE(by_sip, t->by_sip, p);
	if (p->is_caller && p->call != NULL)
		HASH_DELETE(by_call, t->by_call, p);
	if (p->leg != NULL)
		HASH_DELETE(by_leg, t->by_leg, p);
	free(p->sip_id);
	free(p->call);
	free(p->leg);
	free(p);
}

void
traffic_close(struct traffic *t)
{
	struct traffic_agent *agent, *next;

	while (t->by_sip != NULL)
		forget(t, t->by_sip);
	HASH_ITER(hh, t->agents, agent, next)
	{
		HASH_DEL(t->agents, agent);
		free(agent->name);
		free(agent);
	}
	hist_free(&t->offer);
	hist_free(&t->connect);
}

static struct traffic_agent *
agent_of(struct traffic *t, const char *name)
{
	struct traffic_agent *agent;

	HASH_FIND_STR(t->agents, name, agent);
	if (agent != NULL)
		return agent;
	agent = mem_zero(sizeof(*agent));
	agent->name = mem_dup(name);
	HASH_ADD_KEYPTR(hh, t->agents, agent->name, strlen(agent->name), agent);
	return agent;
}

static struct traffic_party *
find(struct traffic *t, const char *sip_id)
{
	struct traffic_party *p;

	HASH_FIND(by_sip, t->by_sip, sip_id, strlen(sip_id), p);
	return p;
}

static struct traffic_party *
party_of(struct traffic *t, const char *sip_id, bool is_caller)
{
	struct traffic_party *p = find(t, sip_id);

	if (p != NULL)
		return p;
	p = mem_zero(sizeof(*p));
	p->sip_id = mem_dup(sip_id);
	p->is_caller = is_caller;
	HASH_ADD_KEYPTR(by_sip, t->by_sip, p->sip_id, strlen(p->sip_id), p);
	return p;
}

static struct traffic_party *
caller_of(struct traffic *t, const char *call)
{
	struct traffic_party *p = NULL;

	if (call != NULL)
		HASH_FIND(by_call, t->by_call, call, strlen(call), p);
	return p;
}

static void
end(struct traffic *t, struct traffic_party *p, int64_t at)
{
	if (p->end != 0)
		return;
	p->end = at;
	TAILQ_INSERT_TAIL(&t->ended, p, ended_entry);
}

static void
count_waiting(struct traffic *t)
{
	struct traffic_counts *n = &t->counts;

	n->waiting = n->up > n->talking ? n->up - n->talking : 0;
}

static void
caller_over(struct traffic *t, struct traffic_party *p, int64_t at, bool sent_away)
{
	if (p->end != 0)
		return;
	t->counts.up -= p->up;
	t->counts.over++;
	p->sent_away = sent_away && !t->draining;
	p->over = true;
	TAILQ_INSERT_TAIL(&t->over, p, over_entry);
	end(t, p, at);
}

static void
caller_line(struct traffic *t, const struct witness_line *line)
{
	struct traffic_party *p = party_of(t, line->sip_id, true);

	if (strcmp(line->step, "invite") == 0 && p->invite == 0) {
		p->invite = line->at;
		t->counts.arrived++;
	} else if (strcmp(line->step, "ok") == 0 && p->ok == 0 && p->end == 0) {
		p->ok = p->ready = line->at;
		p->up = true;
		t->counts.up++;
	} else if (strcmp(line->step, "bye_in") == 0 || strcmp(line->step, "bye_ok") == 0) {
		caller_over(t, p, line->at, strcmp(line->step, "bye_in") == 0);
	}
}

static void
leg_invited(struct traffic *t, struct traffic_party *p, const struct witness_line *line)
{
	const char *dot = strrchr(line->leg, '.');

	p->invite = line->at;
	p->agent = agent_of(t, line->who);
	p->ready = p->agent->ready;
	p->agent->ready = 0;
	if (dot == NULL || p->leg != NULL)
		return;
	p->leg = mem_dup(line->leg);
	p->call = mem_dup_len(line->leg, (size_t)(dot - line->leg));
	HASH_ADD_KEYPTR(by_leg, t->by_leg, p->leg, strlen(p->leg), p);
	p->asks = true;
	TAILQ_INSERT_TAIL(&t->asking, p, asking_entry);
}

static void
leg_bridged(struct traffic *t, const struct traffic_party *p)
{
	if (p->ok != 0 && p->bridged != 0)
		hist_add(&t->connect, p->bridged > p->ok ? p->bridged - p->ok : 0);
}

static void
leg_over(struct traffic *t, struct traffic_party *p, int64_t at)
{
	struct traffic_party *caller = caller_of(t, p->call);

	if (p->end != 0)
		return;
	t->counts.talking -= p->up;
	if (caller != NULL)
		caller->ready = at;
	if (p->agent != NULL)
		p->agent->ready = at + (p->talked ? t->wrapup_us : 0);
	end(t, p, at);
}

static void
leg_talks(struct traffic *t, struct traffic_party *p)
{
	struct traffic_party *caller = caller_of(t, p->call);

	p->up = p->talked = true;
	if (caller != NULL)
		caller->talked = true;
	t->counts.talking++;
	t->counts.answered++;
}

static void
leg_line(struct traffic *t, const struct witness_line *line)
{
	struct traffic_party *p = party_of(t, line->sip_id, false);

	if (strcmp(line->step, "invite") == 0 && p->invite == 0) {
		leg_invited(t, p, line);
	} else if (strcmp(line->step, "ok") == 0 && p->ok == 0) {
		p->ok = line->at;
		leg_bridged(t, p);
	} else if (strcmp(line->step, "ack") == 0 && !p->talked && p->end == 0) {
		leg_talks(t, p);
	} else if (strcmp(line->step, "bye_out") == 0 || strcmp(line->step, "bye_in") == 0 ||
		   strcmp(line->step, "cancel") == 0 || strcmp(line->step, "refused") == 0) {
		leg_over(t, p, line->at);
	} else if (strcmp(line->step, "bye_ok") == 0 && p->agent != NULL && p->agent->ready != 0) {
		/* Nobody can offer to the agent before its BYE is answered. */
		p->agent->ready = line->at + t->wrapup_us;
	}
}

void
traffic_sipp(struct traffic *t, enum sipp_role role, const char *text)
{
	struct witness_line line;

	if (witness_sipp_split(text, &line) != 0)
		return;
	if (line.at > t->now)
		t->now = line.at;
	if (role == SIPP_CALLERS)
		caller_line(t, &line);
	else if (role == SIPP_AGENTS)
		leg_line(t, &line);
	else if (strcmp(line.step, "registered") == 0 && agent_of(t, line.who)->registered == 0)
		agent_of(t, line.who)->registered = line.at;
	count_waiting(t);
}

void
traffic_failed(struct traffic *t, const char *sip_id)
{
	struct traffic_party *p = find(t, sip_id);

	if (p != NULL && p->is_caller)
		caller_over(t, p, t->now, true);
	else if (p != NULL)
		leg_over(t, p, t->now);
	count_waiting(t);
}

static void
entered(struct traffic *t, const json_t *event)
{
	const char *call = json_string_value(json_object_get(event, "call"));
	const char *sip_id = json_string_value(json_object_get(event, "sip_call_id"));
	struct traffic_party *p = sip_id != NULL ? find(t, sip_id) : NULL;

	if (p == NULL || !p->is_caller || p->call != NULL || call == NULL ||
	    caller_of(t, call) != NULL)
		return;
	p->call = mem_dup(call);
	HASH_ADD_KEYPTR(by_call, t->by_call, p->call, strlen(p->call), p);
}

static void
bridged(struct traffic *t, const json_t *event)
{
	const char *leg = json_string_value(json_object_get(event, "leg"));
	double at_ms = json_number_value(json_object_get(event, "at"));
	struct traffic_party *p = NULL;

	if (leg != NULL)
		HASH_FIND(by_leg, t->by_leg, leg, strlen(leg), p);
	if (p == NULL || p->bridged != 0)
		return;
	/* A millisecond's middle, as witness_event.c has it. */
	p->bridged = (int64_t)(at_ms * 1000) + 500;
	leg_bridged(t, p);
}

void
traffic_event(struct traffic *t, const char *line)
{
	static const struct {
		const char *name;
		void (*take)(struct traffic *t, const json_t *event);
	} rows[] = {{"\tcall_entered\t", entered}, {"\tcall_bridged\t", bridged}};
	const char *name = strchr(line, '\t');
	size_t i;

	for (i = 0; name != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *event;

		if (strncmp(name, rows[i].name, strlen(rows[i].name)) != 0)
			continue;
		event = json_loads(name + strlen(rows[i].name), JSON_ALLOW_NUL, NULL);
		rows[i].take(t, event);
		json_decref(event);
		return;
	}
}

/* Takes the offer once its caller is known; false: it is not yet. */
static bool
answered_for(struct traffic *t, struct traffic_party *leg)
{
	struct traffic_party *caller = caller_of(t, leg->call);
	int64_t agent = leg->ready != 0 ? leg->ready : leg->agent->registered, from;

	if (caller == NULL)
		return false;
	caller->talked |= leg->talked;
	/* A caller who is ready again since this very leg's end was so before, too: unknown when.
	 */
	if (agent == 0 || caller->ready == 0 || (leg->end != 0 && caller->ready == leg->end))
		return true;
	from = agent > caller->ready ? agent : caller->ready;
	hist_add(&t->offer, leg->invite > from ? leg->invite - from : 0);
	return true;
}

/* The agent's word of a conversation may be read after the caller's of its end. */
static bool
counted(struct traffic *t, const struct traffic_party *p)
{
	if (p->talked)
		t->counts.completed++;
	else if (p->call == NULL && !TAILQ_EMPTY(&t->asking) && t->now - p->end < ASK_US)
		return false;
	else
		t->counts.dropped += p->sent_away;
	return true;
}

void
traffic_settle(struct traffic *t)
{
	struct traffic_party *p, *next;

	for (p = TAILQ_FIRST(&t->asking); p != NULL; p = next) {
		next = TAILQ_NEXT(p, asking_entry);
		if (!answered_for(t, p) && t->now - p->invite < ASK_US)
			continue;
		TAILQ_REMOVE(&t->asking, p, asking_entry);
		p->asks = false;
	}
	for (p = TAILQ_FIRST(&t->over); p != NULL; p = next) {
		next = TAILQ_NEXT(p, over_entry);
		if (!counted(t, p))
			continue;
		TAILQ_REMOVE(&t->over, p, over_entry);
		p->over = false;
	}
	while ((p = TAILQ_FIRST(&t->ended)) != NULL &&
	       p->end < t->now - (int64_t)TRAFFIC_KEEP_MS * 1000)
		forget(t, p);
}

void
traffic_interval(struct traffic *t)
{
	hist_free(&t->offer);
	hist_free(&t->connect);
}
