/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/traffic_party.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct traffic_party *
traffic_find(const struct traffic *t, const char *sip_id)
{
	struct traffic_party *p;

	HASH_FIND(by_sip, t->by_sip, sip_id, strlen(sip_id), p);
	return p;
}

struct traffic_party *
traffic_find_caller(const struct traffic *t, const char *call)
{
	struct traffic_party *p = NULL;

	if (call != NULL)
		HASH_FIND(by_call, t->by_call, call, strlen(call), p);
	return p;
}

struct traffic_party *
traffic_find_leg(const struct traffic *t, const char *leg)
{
	struct traffic_party *p;

	HASH_FIND(by_leg, t->by_leg, leg, strlen(leg), p);
	return p;
}

struct traffic_party *
traffic_party(struct traffic *t, const char *sip_id, bool is_caller)
{
	struct traffic_party *p = traffic_find(t, sip_id);

	if (p != NULL)
		return p;
	p = mem_zero(sizeof(*p));
	p->sip_id = mem_dup(sip_id);
	p->is_caller = is_caller;
	HASH_ADD_KEYPTR(by_sip, t->by_sip, p->sip_id, strlen(p->sip_id), p);
	return p;
}

struct traffic_agent *
traffic_agent(struct traffic *t, const char *name)
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

void
traffic_name_caller(struct traffic *t, struct traffic_party *p, const char *call)
{
	if (!p->is_caller || p->call != NULL || traffic_find_caller(t, call) != NULL)
		return;
	p->call = mem_dup(call);
	HASH_ADD_KEYPTR(by_call, t->by_call, p->call, strlen(p->call), p);
}

void
traffic_name_leg(struct traffic *t, struct traffic_party *p, const char *leg)
{
	const char *dot = strrchr(leg, '.');

	if (dot == NULL || p->leg != NULL)
		return;
	p->leg = mem_dup(leg);
	p->call = mem_dup_len(leg, (size_t)(dot - leg));
	HASH_ADD_KEYPTR(by_leg, t->by_leg, p->leg, strlen(p->leg), p);
	p->asks = true;
	TAILQ_INSERT_TAIL(&t->asking, p, asking_entry);
}

void
traffic_forget(struct traffic *t, struct traffic_party *p)
{
	if (p->asks)
		TAILQ_REMOVE(&t->asking, p, asking_entry);
	if (p->over)
		TAILQ_REMOVE(&t->over, p, over_entry);
	if (p->leaving)
		TAILQ_REMOVE(&t->leaving, p, leaving_entry);
	if (p->end != 0)
		TAILQ_REMOVE(&t->ended, p, ended_entry);
	HASH_DELETE(by_sip, t->by_sip, p);
	if (p->is_caller && p->call != NULL)
		HASH_DELETE(by_call, t->by_call, p);
	if (p->leg != NULL)
		HASH_DELETE(by_leg, t->by_leg, p);
	if (p->agent != NULL && p->agent->last == p)
		p->agent->last = NULL;
	free(p->sip_id);
	free(p->call);
	free(p->leg);
	free(p);
}

void
traffic_forget_agents(struct traffic *t)
{
	struct traffic_agent *agent, *next;

	HASH_ITER(hh, t->agents, agent, next)
	{
		HASH_DEL(t->agents, agent);
		free(agent->name);
		free(agent);
	}
}
