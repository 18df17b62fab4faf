/* SPDX-License-Identifier: BSD-2-Clause */

/* The objects that an event names, and what it tells of them as they were before it. */

#include <string.h>

#include "lib/checker_priv.h"
#include "lib/mem.h"

static bool
is_id(const char *text)
{
	return *text != '\0' && strlen(text) < CHECKER_ID_MAX;
}

/* What a call must have been, for this to happen to it. */
static void
learn_call(struct checker *k, const struct checker_news *news)
{
	const struct checker_kind_row *row = &checker_kinds[news->kind];
	struct checker_call *call = news->call;
	const char *leg = checker_field(news, "leg");
	enum checker_call_state before = row->learn;

	call->unsure = false;
	if (news->kind == CHECKER_ON_CALL_ENTERED) {
		checker_call_set(k, call, CHECKER_CALL_NONE);
		return;
	}
	if (before == CHECKER_CALL_NONE)
		before = checker_state_of(checker_call_state_names, CHECKER_CALL_STATES,
					  checker_field(news, "state"));
	call->leg_count = 0;
	call->legs_known = before != CHECKER_CALL_RINGING;
	call->put_back_at = news->at;
	call->bridged = false;
	if (before == CHECKER_CALL_RINGING && is_id(leg) && news->agent != NULL) {
		call->legs = mem_grow(call->legs, 1, sizeof(*call->legs));
		call->legs[0] = (struct checker_leg){.agent = news->agent};
		snprintf(call->legs[0].id, sizeof(call->legs[0].id), "%s", leg);
		call->leg_count = 1;
		call->legs[0].dialled = news->kind == CHECKER_ON_RECOVERED
						? json_object_get(news->json, "ring_ms") != NULL
						: news->kind != CHECKER_ON_OFFER_DIALLED;
		snprintf(call->offer, sizeof(call->offer), "%s", checker_field(news, "offer"));
	} else if (before == CHECKER_CALL_TALKING) {
		snprintf(call->leg, sizeof(call->leg), "%s", leg);
		snprintf(call->bridge, sizeof(call->bridge), "%s", checker_field(news, "bridge"));
		call->agent = news->agent;
	}
	checker_call_set(k, call, before);
}

static void
learn_agent(struct checker *k, const struct checker_news *news)
{
	struct checker_agent *agent = news->agent;

	if (news->kind == CHECKER_ON_AGENT_STATE) {
		agent->state = checker_state_of(checker_agent_state_names, CHECKER_AGENT_STATES,
						checker_field(news, "old"));
		agent->call[0] = '\0';
		if (agent->state == CHECKER_AGENT_RINGING || agent->state == CHECKER_AGENT_TALKING)
			snprintf(agent->call, sizeof(agent->call), "%s",
				 checker_field(news, "call"));
	} else if (news->kind == CHECKER_ON_OFFER_MADE) {
		agent->state = CHECKER_AGENT_IDLE;
		agent->call[0] = '\0';
		agent->paused = agent->unreachable = CHECKER_NO;
	} else {
		return;
	}
	agent->known = true;
	agent->unsure = false;
	checker_agent_back_off(k, agent, 0);
}

static void
find_queue_and_node(struct checker *k, struct checker_news *news)
{
	const char *queue = checker_field(news, "queue"), *node = checker_field(news, "node");

	if (text_is_name(queue)) {
		news->queue = checker_queue_find(k, queue);
		news->queue_new = news->queue == NULL;
		if (news->queue_new)
			news->queue = checker_queue_make(k, queue);
	}
	if (text_is_name(node)) {
		news->node = checker_node_find(k, node);
		if (news->node == NULL)
			news->node = checker_node_make(k, node);
	}
}

void
checker_news_resolve(struct checker *k, struct checker_news *news)
{
	const char *call = checker_field(news, "call"), *agent = checker_field(news, "agent");
	bool of_call = checker_kinds[news->kind].from != 0;

	/* Of a call it names the queue; of an agent the call that the agent has, and no queue. */
	if (news->kind == CHECKER_ON_RECOVERED)
		of_call = *checker_field(news, "queue") != '\0';
	find_queue_and_node(k, news);
	if (text_is_name(agent)) {
		news->agent = checker_agent_find(k, agent);
		news->agent_new = news->agent == NULL;
		if (news->agent_new)
			news->agent = checker_agent_make(k, agent);
	}
	if (of_call && is_id(call)) {
		news->call = checker_call_find(k, call);
		news->call_new = news->call == NULL;
		if (news->call_new)
			news->call = checker_call_make(k, call);
		if (news->queue != NULL)
			checker_call_place(k, news->call, news->queue, news->node);
		if (news->call->unsure)
			learn_call(k, news);
	}
	if (news->agent != NULL && news->agent->unsure)
		learn_agent(k, news);
}
