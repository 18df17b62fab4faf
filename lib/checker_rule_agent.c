/* SPDX-License-Identifier: BSD-2-Clause */

/* Rules about agents, queues and memberships. */

#include <string.h>

#include "lib/checker_priv.h"

void
checker_agent_free(struct checker *k, const struct checker_news *news)
{
	const struct checker_agent *agent = news->agent;

	if (news->kind != CHECKER_ON_OFFER_MADE || agent == NULL || agent->unsure)
		return;
	if (agent->state != CHECKER_AGENT_IDLE)
		checker_violate(k, news, "offer to agent %s, who is %s since event %s", agent->name,
				checker_agent_state_names[agent->state], agent->last_event);
	else if (agent->paused == CHECKER_YES)
		checker_violate(k, news, "offer to agent %s, who is paused", agent->name);
	else if (agent->unreachable == CHECKER_YES)
		checker_violate(k, news, "offer to agent %s, who is unreachable", agent->name);
	else if (agent->backoff > news->at)
		checker_violate(k, news, "offer to agent %s, who is left alone for another %lld ms",
				agent->name, (long long)(agent->backoff - news->at));
}

void
checker_agent_in_queue(struct checker *k, const struct checker_news *news)
{
	const struct checker_member *member;

	if (news->kind != CHECKER_ON_OFFER_MADE || news->agent == NULL || news->queue == NULL ||
	    checker_by_hand(news))
		return;
	member = checker_agent_member(news->agent, news->queue);
	if (member == NULL && news->agent->members_known)
		checker_violate(k, news, "offer to agent %s, who is no member of queue %s",
				news->agent->name, news->queue->name);
	else if (member != NULL && member->paused == CHECKER_YES)
		checker_violate(k, news, "offer to agent %s, who is paused in queue %s",
				news->agent->name, news->queue->name);
}

void
checker_one_call(struct checker *k, const struct checker_news *news)
{
	const struct checker_agent *agent = news->agent;
	const struct checker_leg *leg;

	if (agent == NULL || news->call == NULL || agent->unsure || agent->call[0] == '\0' ||
	    strcmp(agent->call, news->call->id) == 0)
		return;
	if (news->kind == CHECKER_ON_OFFER_MADE) {
		checker_violate(k, news, "offer of call %s to agent %s, who has call %s on leg %s",
				news->call->id, agent->name, agent->call, agent->leg);
	} else if (news->kind == CHECKER_ON_CALL_ADOPTED) {
		checker_violate(k, news,
				"call %s is found with agent %s, who has call %s on leg %s",
				news->call->id, agent->name, agent->call, agent->leg);
	} else if (news->kind == CHECKER_ON_CALL_ANSWERED) {
		leg = checker_leg_find(news->call, checker_field(news, "leg"));
		if (leg == NULL || !leg->blind)
			checker_violate(k, news,
					"agent %s answers call %s and has call %s on leg %s",
					agent->name, news->call->id, agent->call, agent->leg);
	}
}

/* From each state to which. */
static const unsigned moves[CHECKER_AGENT_STATES] = {
	[CHECKER_AGENT_LOGGED_OUT] =
		1U << CHECKER_AGENT_IDLE | 1U << CHECKER_AGENT_WRAPUP, /* brought back */
	[CHECKER_AGENT_IDLE] = 1U << CHECKER_AGENT_RINGING | 1U << CHECKER_AGENT_LOGGED_OUT,
	[CHECKER_AGENT_RINGING] = 1U << CHECKER_AGENT_TALKING | 1U << CHECKER_AGENT_IDLE |
				  1U << CHECKER_AGENT_LOGGED_OUT,
	[CHECKER_AGENT_TALKING] = 1U << CHECKER_AGENT_WRAPUP | 1U << CHECKER_AGENT_IDLE |
				  1U << CHECKER_AGENT_LOGGED_OUT,
	[CHECKER_AGENT_WRAPUP] = 1U << CHECKER_AGENT_IDLE | 1U << CHECKER_AGENT_LOGGED_OUT,
};

void
checker_agent_moves(struct checker *k, const struct checker_news *news)
{
	const char *old = checker_field(news, "old"), *new = checker_field(news, "new");
	const struct checker_agent *agent = news->agent;
	unsigned from, to;

	if (news->kind == CHECKER_ON_RECOVERED && agent != NULL && news->call == NULL &&
	    !agent->unsure &&
	    strcmp(checker_field(news, "state"), checker_agent_state_names[agent->state]) != 0)
		checker_violate(k, news, "agent %s is recovered as %s, but is %s since event %s",
				agent->name, checker_field(news, "state"),
				checker_agent_state_names[agent->state], agent->last_event);
	if (news->kind != CHECKER_ON_AGENT_STATE || agent == NULL)
		return;
	from = checker_state_of(checker_agent_state_names, CHECKER_AGENT_STATES, old);
	to = checker_state_of(checker_agent_state_names, CHECKER_AGENT_STATES, new);
	if (from == 0 || to == 0 || (moves[from] & (1U << to)) == 0)
		checker_violate(k, news, "agent %s cannot go from '%s' to '%s'", agent->name, old,
				new);
	else if (from != (unsigned)agent->state && !agent->unsure)
		checker_violate(k, news, "agent %s goes from %s to %s, but is %s since event %s",
				agent->name, old, new, checker_agent_state_names[agent->state],
				agent->last_event);
}

/* What can only begin when it is not there and end when it is. A pause may get another reason. */
static const struct overlay {
	enum checker_kind kind;
	size_t field; /* of struct checker_agent */
	enum checker_known not_when;
	const char *is;
} overlay_rows[] = {
	{CHECKER_ON_AGENT_UNPAUSED, offsetof(struct checker_agent, paused), CHECKER_NO,
	 "not paused"},
	{CHECKER_ON_AGENT_UNREACHABLE, offsetof(struct checker_agent, unreachable), CHECKER_YES,
	 "unreachable already"},
	{CHECKER_ON_AGENT_REACHABLE, offsetof(struct checker_agent, unreachable), CHECKER_NO,
	 "not unreachable"},
	{CHECKER_ON_AGENT_REGISTERED, offsetof(struct checker_agent, registered), CHECKER_YES,
	 "registered already"},
	{CHECKER_ON_AGENT_UNREGISTERED, offsetof(struct checker_agent, registered), CHECKER_NO,
	 "not registered"},
};

void
checker_overlays(struct checker *k, const struct checker_news *news)
{
	enum checker_known now;
	size_t i;

	for (i = 0; i < sizeof(overlay_rows) / sizeof(overlay_rows[0]); i++) {
		if (overlay_rows[i].kind != news->kind || news->agent == NULL)
			continue;
		memcpy(&now, (const char *)news->agent + overlay_rows[i].field, sizeof(now));
		if (now == overlay_rows[i].not_when)
			checker_violate(k, news, "%s of agent %s, who is %s", news->name,
					news->agent->name, overlay_rows[i].is);
	}
}

static void
queue_known(struct checker *k, const struct checker_news *news)
{
	const struct checker_queue *queue = news->queue;

	if (queue == NULL || (queue->unsure && !k->whole))
		return;
	if (news->kind == CHECKER_ON_QUEUE_CREATED) {
		if (queue->known && !queue->unsure)
			checker_violate(k, news, "queue %s is there already", queue->name);
		return;
	}
	if (news->kind == CHECKER_ON_OTHER) /* call_refused names queues that do not exist */
		return;
	if (!queue->known)
		checker_violate(k, news, "%s names queue %s, which is not there", news->name,
				queue->name);
	else if (news->kind == CHECKER_ON_QUEUE_DELETED && queue->live > 0 && !k->recovering)
		checker_violate(k, news, "queue %s is deleted with %zu calls in it", queue->name,
				queue->live);
}

static void
agent_known(struct checker *k, const struct checker_news *news)
{
	const struct checker_agent *agent = news->agent;

	if (agent == NULL || (agent->unsure && !k->whole))
		return;
	if (news->kind == CHECKER_ON_AGENT_ADDED) {
		if (agent->known && !agent->unsure)
			checker_violate(k, news, "agent %s is there already", agent->name);
		return;
	}
	/* A call may go on with an agent who was made to forget it, and removed. */
	if (!agent->known && (news->call == NULL || news->kind == CHECKER_ON_OFFER_MADE) &&
	    news->kind != CHECKER_ON_OTHER)
		checker_violate(k, news, "%s names agent %s, who is not there", news->name,
				agent->name);
	else if (news->kind == CHECKER_ON_AGENT_REMOVED && agent->call[0] != '\0' && !agent->unsure)
		checker_violate(k, news, "agent %s is removed and has call %s", agent->name,
				agent->call);
	else if (news->kind == CHECKER_ON_MEMBER_REMOVED && agent->members_known &&
		 news->queue != NULL && checker_agent_member(agent, news->queue) == NULL)
		checker_violate(k, news, "agent %s leaves queue %s and is no member of it",
				agent->name, news->queue->name);
}

/* Queues and agents are made before they are used, and not twice. */
void
checker_objects(struct checker *k, const struct checker_news *news)
{
	queue_known(k, news);
	agent_known(k, news);
}
