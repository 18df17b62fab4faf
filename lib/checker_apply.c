/* SPDX-License-Identifier: BSD-2-Clause */

/* How the model follows the events: one row per event that changes it. */

#include <stdlib.h>
#include <string.h>

#include "lib/checker_priv.h"
#include "lib/mem.h"

#define IN(state) (1U << CHECKER_CALL_##state)

static void
copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

/* The number behind the last dot of an id raises the call's. */
static void
note_id(struct checker_call *call, const char *id)
{
	const char *dot = strrchr(id, '.');
	uint64_t n = dot != NULL ? strtoull(dot + 1, NULL, 10) : 0;

	if (n > call->n)
		call->n = n;
}

static struct checker_leg *
leg_add(struct checker_call *call, struct checker_agent *agent, const char *id)
{
	struct checker_leg *leg = checker_leg_find(call, id);

	if (leg != NULL)
		return leg;
	call->legs = mem_grow(call->legs, call->leg_count + 1, sizeof(*call->legs));
	leg = &call->legs[call->leg_count++];
	*leg = (struct checker_leg){.agent = agent};
	copy(leg->id, sizeof(leg->id), id);
	note_id(call, id);
	return leg;
}

static void
leg_remove(struct checker_call *call, struct checker_leg *leg)
{
	*leg = call->legs[--call->leg_count];
}

static struct checker_leg *
leg_of(struct checker_call *call, const struct checker_agent *agent)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++)
		if (call->legs[i].agent == agent)
			return &call->legs[i];
	return NULL;
}

static void
agent_take(struct checker_agent *agent, const char *call, const char *leg)
{
	copy(agent->call, sizeof(agent->call), call);
	copy(agent->leg, sizeof(agent->leg), leg);
}

static void
on_call_entered(struct checker *k, const struct checker_news *news)
{
	struct checker_call *call = news->call;

	k->figures.entered++;
	call->unsure = false;
	call->leg_count = 0;
	call->legs_known = true;
	call->blind = call->bridged = false;
	call->agent = NULL;
	call->offer[0] = call->leg[0] = '\0';
	checker_call_set(k, call, CHECKER_CALL_NONE);
	call->entered = checker_number(news, "entered_ms", call->entered);
	call->priority = checker_number(news, "priority", 0);
	call->priority_known = true;
	checker_call_set(k, call, CHECKER_CALL_WAITING);
}

static void
on_call_held(struct checker *k, const struct checker_news *news)
{
	checker_call_set(k, news->call, CHECKER_CALL_HELD);
}

static void
on_call_released(struct checker *k, const struct checker_news *news)
{
	checker_call_set(k, news->call, CHECKER_CALL_WAITING);
}

/* Its line in the queue is by priority. */
static void
on_call_priority(struct checker *k, const struct checker_news *news)
{
	struct checker_call *call = news->call;
	enum checker_call_state state = call->state;

	checker_call_set(k, call, CHECKER_CALL_NONE);
	call->priority = checker_number(news, "priority", 0);
	call->priority_known = true;
	checker_call_set(k, call, state);
}

/* It stands in the queue that the event names already. */
static void
on_call_moved(struct checker *k, const struct checker_news *news)
{
	checker_call_touch(k, news->call);
}

static void
on_call_transferred(struct checker *k, const struct checker_news *news)
{
	struct checker_call *call = news->call;

	call->agent = NULL;
	call->leg[0] = '\0';
	call->bridged = call->blind = false;
	call->put_back_at = news->at;
	call->legs_known = true;
	checker_call_set(k, call, CHECKER_CALL_WAITING);
}

/* What was not told of the agent is as it is with most. */
static void
assume_free(struct checker_agent *agent)
{
	if (agent->paused == CHECKER_UNKNOWN)
		agent->paused = CHECKER_NO;
	if (agent->unreachable == CHECKER_UNKNOWN)
		agent->unreachable = CHECKER_NO;
}

/* The same of a membership. */
static void
member_known(struct checker *k, const struct checker_news *news)
{
	struct checker_member *member =
		news->queue != NULL ? checker_agent_member(news->agent, news->queue) : NULL;

	if (member != NULL && member->paused == CHECKER_UNKNOWN)
		checker_member_pause(k, news->agent, member, CHECKER_NO);
}

bool
checker_by_hand(const struct checker_news *news)
{
	return strcmp(checker_field(news, "reason"), "operator") == 0;
}

static void
on_offer_made(struct checker *k, const struct checker_news *news)
{
	struct checker_call *call = news->call;
	const char *leg = checker_field(news, "leg"), *offer = checker_field(news, "offer");

	copy(call->offer, sizeof(call->offer), offer);
	note_id(call, offer);
	call->legs_known = true;
	if (news->agent != NULL) {
		assume_free(news->agent);
		if (!checker_by_hand(news)) {
			if (!news->agent->members_known && news->queue != NULL)
				checker_agent_join(k, news->agent, news->queue);
			member_known(k, news);
		}
		leg_add(call, news->agent, leg);
		agent_take(news->agent, call->id, leg);
		checker_agent_touch(k, news->agent);
	}
	checker_call_set(k, call, CHECKER_CALL_RINGING);
}

static void
on_offer_dialled(struct checker *k, const struct checker_news *news)
{
	struct checker_leg *leg = checker_leg_find(news->call, checker_field(news, "leg"));

	(void)k;
	if (leg != NULL)
		leg->dialled = true;
}

static void
on_offer_failed(struct checker *k, const struct checker_news *news)
{
	struct checker_leg *leg = checker_leg_find(news->call, checker_field(news, "leg"));

	if (leg != NULL) {
		if (leg->agent != NULL)
			checker_agent_touch(k, leg->agent);
		leg_remove(news->call, leg);
	}
	if (news->call->leg_count > 0)
		return;
	news->call->agent = NULL;
	news->call->leg[0] = '\0';
	news->call->put_back_at = news->at;
	news->call->legs_known = true;
	checker_call_set(k, news->call, CHECKER_CALL_WAITING);
}

static void
on_call_answered(struct checker *k, const struct checker_news *news)
{
	struct checker_call *call = news->call;
	struct checker_leg *leg = checker_leg_find(call, checker_field(news, "leg"));

	call->blind = leg != NULL && leg->blind;
	if (leg != NULL)
		leg_remove(call, leg);
	copy(call->leg, sizeof(call->leg), checker_field(news, "leg"));
	copy(call->bridge, sizeof(call->bridge), checker_field(news, "bridge"));
	note_id(call, call->bridge);
	call->agent = news->agent;
	call->bridged = false;
	checker_call_set(k, call, CHECKER_CALL_TALKING);
	checker_owe(k, call->id, "");
}

/* The node's truth: whether the agent can be taken as well, its own event says. */
static void
on_call_adopted(struct checker *k, const struct checker_news *news)
{
	struct checker_call *call = news->call;

	copy(call->leg, sizeof(call->leg), checker_field(news, "leg"));
	copy(call->bridge, sizeof(call->bridge), checker_field(news, "bridge"));
	call->leg_count = 0;
	call->agent = news->agent;
	call->blind = true;
	/* Both were found in their bridge: nothing more is told of that. */
	call->bridged = checker_number(news, "bridged_ms", 0) > 0;
	checker_call_set(k, call, CHECKER_CALL_TALKING);
	if (!call->bridged)
		checker_owe(k, call->id, "");
}

static void
on_call_bridged(struct checker *k, const struct checker_news *news)
{
	(void)k;
	news->call->bridged = true;
}

static void
on_call_ended(struct checker *k, const struct checker_news *news)
{
	struct checker_call *call = news->call;
	size_t i;

	k->figures.ended++;
	for (i = 0; i < call->leg_count; i++)
		if (call->legs[i].agent != NULL && !call->legs[i].blind)
			checker_owe(k, call->id, call->legs[i].agent->name);
	if (call->agent != NULL && !call->blind)
		checker_owe(k, call->id, call->agent->name);
	checker_call_set(k, call, CHECKER_CALL_ENDED);
}

/* The agent left the call it had, or came back to one that it had been made to forget. */
static void
follow_call(struct checker *k, struct checker_agent *agent, const char *id, bool takes)
{
	struct checker_call *call = checker_call_find(k, id);
	struct checker_leg *leg;

	if (call == NULL)
		return;
	checker_call_touch(k, call);
	leg = leg_of(call, agent);
	if (takes && call->agent == agent) {
		agent_take(agent, id, call->leg);
		call->blind = false;
	} else if (takes && leg != NULL) {
		agent_take(agent, id, leg->id);
		leg->blind = false;
	} else if (!takes && call->state != CHECKER_CALL_RINGING && leg != NULL) {
		leg_remove(call, leg);
	}
}

/* The agent was found talking elsewhere: its call's record is wrong, and that is seen by whoever
 * looks for the leg. */
static void
doubt_talk(struct checker *k, const struct checker_agent *agent)
{
	struct checker_call *call = checker_call_find(k, agent->call);

	if (call != NULL && call->state == CHECKER_CALL_TALKING && call->agent == agent)
		call->blind = true;
}

static void
on_agent_state(struct checker *k, const struct checker_news *news)
{
	struct checker_agent *agent = news->agent;
	enum checker_agent_state state = checker_state_of(
		checker_agent_state_names, CHECKER_AGENT_STATES, checker_field(news, "new"));
	int64_t rest = checker_number(news, "backoff_ms", 0);

	if (state == CHECKER_AGENT_RINGING || state == CHECKER_AGENT_TALKING) {
		if (agent->call[0] == '\0')
			follow_call(k, agent, checker_field(news, "call"), true);
	} else if (agent->call[0] != '\0') {
		if (strcmp(checker_field(news, "reason"), "redis_forgot") == 0)
			doubt_talk(k, agent);
		follow_call(k, agent, agent->call, false);
		agent_take(agent, "", "");
	}
	agent->state = state;
	agent->since = news->at;
	if (state == CHECKER_AGENT_IDLE)
		checker_agent_back_off(k, agent, rest > 0 ? news->at + rest : 0);
	checker_agent_recount(k, agent);
}

static void
overlay(struct checker *k, const struct checker_news *news, enum checker_known *what,
	enum checker_known is)
{
	*what = is;
	checker_agent_recount(k, news->agent);
}

static void
on_agent_paused(struct checker *k, const struct checker_news *news)
{
	overlay(k, news, &news->agent->paused, CHECKER_YES);
}

static void
on_agent_unpaused(struct checker *k, const struct checker_news *news)
{
	overlay(k, news, &news->agent->paused, CHECKER_NO);
}

static void
on_agent_unreachable(struct checker *k, const struct checker_news *news)
{
	overlay(k, news, &news->agent->unreachable, CHECKER_YES);
}

static void
on_agent_reachable(struct checker *k, const struct checker_news *news)
{
	overlay(k, news, &news->agent->unreachable, CHECKER_NO);
}

static void
on_agent_registered(struct checker *k, const struct checker_news *news)
{
	overlay(k, news, &news->agent->registered, CHECKER_YES);
}

static void
on_agent_unregistered(struct checker *k, const struct checker_news *news)
{
	overlay(k, news, &news->agent->registered, CHECKER_NO);
}

static void
on_agent_added(struct checker *k, const struct checker_news *news)
{
	struct checker_agent *agent = news->agent;

	while (agent->queue_count > 0)
		checker_agent_part(k, agent, agent->memberships[0].queue);
	agent->known = agent->members_known = true;
	agent->unsure = false;
	agent->state = CHECKER_AGENT_LOGGED_OUT;
	agent->paused = agent->unreachable = agent->registered = CHECKER_NO;
	agent_take(agent, "", "");
	checker_agent_back_off(k, agent, 0);
}

static void
on_agent_removed(struct checker *k, const struct checker_news *news)
{
	news->agent->known = false;
	news->agent->state = CHECKER_AGENT_NONE;
	checker_agent_recount(k, news->agent);
}

/* From here on the call may name an agent who knows nothing of it. */
static void
on_agent_reset(struct checker *k, const struct checker_news *news)
{
	struct checker_agent *agent = news->agent;
	struct checker_call *call = checker_call_find(k, agent->call);
	struct checker_leg *leg = call != NULL ? leg_of(call, agent) : NULL;

	k->figures.resets++;
	if (leg != NULL)
		leg->blind = true;
	else if (call != NULL && call->agent == agent)
		call->blind = true;
	agent_take(agent, "", "");
	checker_agent_back_off(k, agent, 0);
}

static void
on_member_added(struct checker *k, const struct checker_news *news)
{
	checker_agent_join(k, news->agent, news->queue);
	member_known(k, news);
}

static void
member_pause(struct checker *k, const struct checker_news *news, enum checker_known paused)
{
	struct checker_member *member;

	checker_agent_join(k, news->agent, news->queue);
	member = checker_agent_member(news->agent, news->queue);
	checker_member_pause(k, news->agent, member, paused);
}

static void
on_member_paused(struct checker *k, const struct checker_news *news)
{
	member_pause(k, news, CHECKER_YES);
}

static void
on_member_unpaused(struct checker *k, const struct checker_news *news)
{
	member_pause(k, news, CHECKER_NO);
}

static void
on_member_removed(struct checker *k, const struct checker_news *news)
{
	checker_agent_part(k, news->agent, news->queue);
}

static void
on_queue_created(struct checker *k, const struct checker_news *news)
{
	(void)k;
	news->queue->known = true;
	news->queue->unsure = false;
}

static void
on_queue_deleted(struct checker *k, const struct checker_news *news)
{
	(void)k;
	news->queue->known = news->queue->unsure = false;
}

static void
on_node_state(struct checker *k, const struct checker_news *news)
{
	copy(news->node->state, sizeof(news->node->state), checker_field(news, "new"));
	checker_node_recount(k, news->node);
}

/* One of that name that is added later is another. */
static void
on_node_removed(struct checker *k, const struct checker_news *news)
{
	news->node->state[0] = '\0';
	news->node->circuit = false;
	checker_node_recount(k, news->node);
}

static void
circuit(struct checker *k, const struct checker_news *news, bool open)
{
	bool of_node = strcmp(checker_field(news, "circuit"), "node") == 0;

	if (of_node && news->node != NULL)
		news->node->circuit = open;
	else if (!of_node)
		k->circuit = open;
	checker_node_recount(k, of_node ? news->node : NULL);
}

static void
on_circuit_opened(struct checker *k, const struct checker_news *news)
{
	circuit(k, news, true);
}

static void
on_circuit_closed(struct checker *k, const struct checker_news *news)
{
	circuit(k, news, false);
}

static void
on_recovery_started(struct checker *k, const struct checker_news *news)
{
	bool empty = strcmp(checker_field(news, "reason"), "redis_changed") != 0;

	if (k->figures.events == 1 && empty)
		k->whole = true;
	else
		k->figures.recoveries++;
	k->recovering = true;
	k->told_again = false;
	k->recovering_since = news->at;
	checker_gaps_excuse(k);
	checker_model_doubt(k, empty);
}

/* The last word on a call that nobody has spoken of since (learned already), or on an agent. */
static void
on_recovered(struct checker *k, const struct checker_news *news)
{
	int64_t rest = checker_number(news, "backoff_ms", 0);
	struct checker_agent *agent = news->agent;
	struct checker_leg *leg;

	k->told_again = true;
	if (news->call != NULL || agent == NULL) {
		k->figures.recovered++;
		/* Agents are told of first: one who was made to forget the call has another, or
		 * none. */
		if (news->call != NULL && agent != NULL &&
		    strcmp(agent->call, news->call->id) != 0) {
			leg = leg_of(news->call, agent);
			if (leg != NULL)
				leg->blind = true;
			else
				news->call->blind = true;
		}
		return;
	}
	agent->known = true;
	agent->unsure = false;
	agent->state = checker_state_of(checker_agent_state_names, CHECKER_AGENT_STATES,
					checker_field(news, "state"));
	agent_take(agent, checker_field(news, "call"), checker_field(news, "leg"));
	/* A pause that the copy had was told as it was brought back. */
	if (strcmp(checker_field(news, "reason"), "restored") == 0)
		assume_free(agent);
	checker_agent_back_off(k, agent, rest > 0 ? news->at + rest : 0);
}

static void
on_recovery_done(struct checker *k, const struct checker_news *news)
{
	if (k->recovering)
		k->figures.recovering_ms += news->at - k->recovering_since;
	k->recovering = false;
	k->settle_from = news->at;
	if (k->told_again)
		checker_model_settle(k);
}

static void
on_instance_started(struct checker *k, const struct checker_news *news)
{
	k->settle_from = news->at;
	checker_gaps_excuse(k);
}

static void
on_other(struct checker *k, const struct checker_news *news)
{
	(void)k;
	(void)news;
}

/* clang-format off */
const struct checker_kind_row checker_kinds[CHECKER_KINDS] = {
	[CHECKER_ON_OTHER]              = {"", on_other, 0, 0, 0},
	[CHECKER_ON_CALL_ENTERED]       = {"call_entered", on_call_entered, IN(NONE), CHECKER_CALL_NONE, CHECKER_CALL},
	[CHECKER_ON_CALL_HELD]          = {"call_held", on_call_held, IN(WAITING), CHECKER_CALL_WAITING, CHECKER_CALL},
	[CHECKER_ON_CALL_RELEASED]      = {"call_released", on_call_released, IN(HELD), CHECKER_CALL_HELD, CHECKER_CALL},
	[CHECKER_ON_CALL_PRIORITY]      = {"call_priority", on_call_priority,
		IN(WAITING) | IN(HELD) | IN(RINGING), CHECKER_CALL_NONE, CHECKER_CALL},
	[CHECKER_ON_CALL_MOVED]         = {"call_moved", on_call_moved, IN(WAITING) | IN(HELD), CHECKER_CALL_NONE, CHECKER_CALL},
	[CHECKER_ON_CALL_TRANSFERRED]   = {"call_transferred", on_call_transferred, IN(TALKING), CHECKER_CALL_TALKING, CHECKER_CALL},
	[CHECKER_ON_OFFER_MADE]         = {"offer_made", on_offer_made, IN(WAITING), CHECKER_CALL_WAITING, CHECKER_CALL},
	[CHECKER_ON_OFFER_DIALLED]      = {"offer_dialled", on_offer_dialled, IN(RINGING), CHECKER_CALL_RINGING, CHECKER_CALL},
	[CHECKER_ON_OFFER_FAILED]       = {"offer_failed", on_offer_failed,
		IN(RINGING) | IN(TALKING), CHECKER_CALL_RINGING, CHECKER_CALL},
	[CHECKER_ON_CALL_ANSWERED]      = {"call_answered", on_call_answered, IN(RINGING), CHECKER_CALL_RINGING, CHECKER_CALL},
	[CHECKER_ON_CALL_ADOPTED]       = {"call_adopted", on_call_adopted,
		IN(WAITING) | IN(HELD) | IN(RINGING), CHECKER_CALL_NONE, CHECKER_CALL},
	[CHECKER_ON_CALL_BRIDGED]       = {"call_bridged", on_call_bridged, IN(TALKING), CHECKER_CALL_TALKING, CHECKER_CALL},
	[CHECKER_ON_CALL_ENDED]         = {"call_ended", on_call_ended,
		IN(WAITING) | IN(HELD) | IN(RINGING) | IN(TALKING), CHECKER_CALL_NONE, CHECKER_CALL},
	[CHECKER_ON_AGENT_STATE]        = {"agent_state", on_agent_state, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_PAUSED]       = {"agent_paused", on_agent_paused, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_UNPAUSED]     = {"agent_unpaused", on_agent_unpaused, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_UNREACHABLE]  = {"agent_unreachable", on_agent_unreachable, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_REACHABLE]    = {"agent_reachable", on_agent_reachable, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_REGISTERED]   = {"agent_registered", on_agent_registered, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_UNREGISTERED] = {"agent_unregistered", on_agent_unregistered, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_ADDED]        = {"agent_added", on_agent_added, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_REMOVED]      = {"agent_removed", on_agent_removed, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_AGENT_RESET]        = {"agent_reset", on_agent_reset, 0, 0, CHECKER_AGENT},
	[CHECKER_ON_MEMBER_ADDED]       = {"member_added", on_member_added, 0, 0, CHECKER_AGENT | CHECKER_QUEUE},
	[CHECKER_ON_MEMBER_PAUSED]      = {"member_paused", on_member_paused, 0, 0, CHECKER_AGENT | CHECKER_QUEUE},
	[CHECKER_ON_MEMBER_UNPAUSED]    = {"member_unpaused", on_member_unpaused, 0, 0, CHECKER_AGENT | CHECKER_QUEUE},
	[CHECKER_ON_MEMBER_REMOVED]     = {"member_removed", on_member_removed, 0, 0, CHECKER_AGENT | CHECKER_QUEUE},
	[CHECKER_ON_QUEUE_CREATED]      = {"queue_created", on_queue_created, 0, 0, CHECKER_QUEUE},
	[CHECKER_ON_QUEUE_DELETED]      = {"queue_deleted", on_queue_deleted, 0, 0, CHECKER_QUEUE},
	[CHECKER_ON_NODE_STATE]         = {"node_state", on_node_state, 0, 0, CHECKER_NODE},
	[CHECKER_ON_NODE_REMOVED]       = {"node_removed", on_node_removed, 0, 0, CHECKER_NODE},
	[CHECKER_ON_CIRCUIT_OPENED]     = {"circuit_opened", on_circuit_opened, 0, 0, 0},
	[CHECKER_ON_CIRCUIT_CLOSED]     = {"circuit_closed", on_circuit_closed, 0, 0, 0},
	[CHECKER_ON_RECOVERY_STARTED]   = {"recovery_started", on_recovery_started, 0, 0, 0},
	[CHECKER_ON_RECOVERED]          = {"recovered", on_recovered, 0, CHECKER_CALL_NONE, 0},
	[CHECKER_ON_RECOVERY_DONE]      = {"recovery_done", on_recovery_done, 0, 0, 0},
	[CHECKER_ON_INSTANCE_STARTED]   = {"instance_started", on_instance_started, 0, 0, 0},
	[CHECKER_ON_INSTANCE_STOPPED]   = {"instance_stopped", on_instance_started, 0, 0, 0},
};
/* clang-format on */

enum checker_kind
checker_kind_of(const char *name)
{
	int i;

	for (i = 1; i < CHECKER_KINDS; i++)
		if (strcmp(checker_kinds[i].name, name) == 0)
			return (enum checker_kind)i;
	return CHECKER_ON_OTHER;
}
