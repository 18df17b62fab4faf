/* SPDX-License-Identifier: BSD-2-Clause */

/* Rules about calls and their legs. */

#include <stdlib.h>
#include <string.h>

#include "lib/checker_priv.h"

static bool
is_about_a_call(const struct checker_news *news)
{
	return checker_kinds[news->kind].from != 0;
}

void
checker_call_once(struct checker *k, const struct checker_news *news)
{
	const struct checker_call *call = news->call;

	if (news->kind != CHECKER_ON_CALL_ENTERED || call == NULL || news->call_new)
		return;
	if (call->state != CHECKER_CALL_NONE)
		checker_violate(k, news, "call %s enters and is %s already, since event %s",
				call->id, checker_call_state_names[call->state], call->last_event);
}

void
checker_call_known(struct checker *k, const struct checker_news *news)
{
	const struct checker_call *call = news->call;

	if (!is_about_a_call(news) || news->kind == CHECKER_ON_CALL_ENTERED)
		return;
	if (call == NULL)
		checker_violate(k, news, "%s names no call", news->name);
	else if (news->call_new && k->whole)
		checker_violate(k, news, "%s of call %s, which never entered", news->name,
				call->id);
	else if (call->state == CHECKER_CALL_ENDED)
		checker_violate(k, news, "%s of call %s, which ended with event %s", news->name,
				call->id, call->last_event);
}

void
checker_call_reason(struct checker *k, const struct checker_news *news)
{
	if (news->kind == CHECKER_ON_CALL_ENDED && news->call != NULL &&
	    *checker_field(news, "reason") == '\0')
		checker_violate(k, news, "call %s ends without a reason", news->call->id);
}

/* call_held, call_adopted and call_ended say which state they came from. */
static bool
says_right_state(const struct checker_news *news)
{
	const struct checker_call *call = news->call;
	const char *said = checker_field(news, "state");

	if (news->kind == CHECKER_ON_CALL_HELD &&
	    (strcmp(said, "ringing") == 0 || strcmp(said, "talking") == 0))
		return call->put_back_at == news->at;
	/* The offer to another agent was dropped in the same step. */
	if (news->kind == CHECKER_ON_CALL_ADOPTED && strcmp(said, "ringing") == 0)
		return call->state == CHECKER_CALL_RINGING || call->put_back_at == news->at;
	if (news->kind != CHECKER_ON_CALL_HELD && news->kind != CHECKER_ON_CALL_ENDED &&
	    news->kind != CHECKER_ON_CALL_ADOPTED)
		return true;
	return strcmp(said, checker_call_state_names[call->state]) == 0;
}

void
checker_call_moves(struct checker *k, const struct checker_news *news)
{
	const struct checker_call *call = news->call;
	unsigned from = checker_kinds[news->kind].from;

	if (news->kind == CHECKER_ON_RECOVERED && call != NULL && !call->unsure &&
	    strcmp(checker_field(news, "state"), checker_call_state_names[call->state]) != 0)
		checker_violate(k, news, "call %s is recovered as %s, but is %s since event %s",
				call->id, checker_field(news, "state"),
				checker_call_state_names[call->state], call->last_event);
	/* Those of ended calls, and calls that enter twice, are other rules' concern. */
	if (from == 0 || call == NULL || call->state == CHECKER_CALL_ENDED ||
	    news->kind == CHECKER_ON_CALL_ENTERED)
		return;
	/* One offer of several legs is made in several events. */
	if (news->kind == CHECKER_ON_OFFER_MADE && call->state == CHECKER_CALL_RINGING)
		return;
	if ((from & (1U << call->state)) == 0)
		checker_violate(k, news, "%s of call %s, which is %s since event %s", news->name,
				call->id, checker_call_state_names[call->state], call->last_event);
	else if (!says_right_state(news))
		checker_violate(k, news, "%s says that call %s was %s, but it is %s since event %s",
				news->name, call->id, checker_field(news, "state"),
				checker_call_state_names[call->state], call->last_event);
}

void
checker_one_offer(struct checker *k, const struct checker_news *news)
{
	const struct checker_call *call = news->call;
	const char *offer = checker_field(news, "offer");

	if (news->kind == CHECKER_ON_OFFER_MADE && call != NULL &&
	    call->state == CHECKER_CALL_RINGING && call->leg_count > 0 &&
	    strcmp(offer, call->offer) != 0)
		checker_violate(k, news, "offer %s of call %s, whose offer %s to agent %s lives",
				offer, call->id, call->offer, call->legs[0].agent->name);
}

static void
leg_belongs(struct checker *k, const struct checker_news *news, const struct checker_leg *leg)
{
	const char *id = checker_field(news, "leg"), *agent = checker_field(news, "agent");

	if (leg == NULL && (news->call->legs_known || news->call->leg_count > 0))
		checker_violate(k, news, "%s of leg %s, which call %s does not have", news->name,
				id, news->call->id);
	else if (leg != NULL && leg->agent != NULL && strcmp(leg->agent->name, agent) != 0)
		checker_violate(k, news, "%s says leg %s is agent %s's, it was made for agent %s",
				news->name, id, agent, leg->agent->name);
}

static void
talk_belongs(struct checker *k, const struct checker_news *news)
{
	const struct checker_call *call = news->call;
	const char *leg = checker_field(news, "leg"), *agent = checker_field(news, "agent");

	if (news->kind == CHECKER_ON_CALL_BRIDGED && call->bridged)
		checker_violate(k, news, "call %s is bridged a second time", call->id);
	else if (news->kind == CHECKER_ON_OFFER_FAILED && call->bridged)
		checker_violate(k, news, "call %s is put back, and was bridged on leg %s", call->id,
				call->leg);
	else if (strcmp(leg, call->leg) != 0)
		checker_violate(k, news, "%s names leg %s of call %s, but leg %s answered",
				news->name, leg, call->id, call->leg);
	else if (call->agent != NULL && strcmp(agent, call->agent->name) != 0)
		checker_violate(k, news, "%s names agent %s of call %s, but agent %s answered",
				news->name, agent, call->id, call->agent->name);
}

static bool
is_about_a_talk(const struct checker_news *news)
{
	return news->kind == CHECKER_ON_CALL_BRIDGED || news->kind == CHECKER_ON_CALL_ENDED ||
	       news->kind == CHECKER_ON_OFFER_FAILED || news->kind == CHECKER_ON_CALL_TRANSFERRED;
}

/* Made, dialled, answered, bridged: each once, in this order, for a leg of the live offer. One that
 * answered may fail before it is bridged, not after. */
void
checker_leg_order(struct checker *k, const struct checker_news *news)
{
	const struct checker_call *call = news->call;
	const struct checker_leg *leg;

	if (call == NULL)
		return;
	if (is_about_a_talk(news) && call->state == CHECKER_CALL_TALKING) {
		talk_belongs(k, news);
		return;
	}
	if ((news->kind != CHECKER_ON_OFFER_DIALLED && news->kind != CHECKER_ON_OFFER_FAILED &&
	     news->kind != CHECKER_ON_CALL_ANSWERED) ||
	    call->state != CHECKER_CALL_RINGING)
		return;
	leg = checker_leg_find(call, checker_field(news, "leg"));
	leg_belongs(k, news, leg);
	if (leg == NULL)
		return;
	if (news->kind == CHECKER_ON_OFFER_DIALLED && leg->dialled)
		checker_violate(k, news, "leg %s is dialled a second time", leg->id);
	else if (news->kind == CHECKER_ON_CALL_ANSWERED && !leg->dialled)
		checker_violate(k, news, "leg %s answers and was not dialled", leg->id);
	else if (strcmp(checker_field(news, "offer"), call->offer) != 0)
		checker_violate(k, news, "%s of leg %s names offer %s, it belongs to %s",
				news->name, leg->id, checker_field(news, "offer"), call->offer);
}

static void
id_is_new(struct checker *k, const struct checker_news *news, const char *what, const char *id)
{
	const struct checker_call *call = news->call;
	size_t len = strlen(call->id);
	uint64_t n;

	if (strncmp(id, call->id, len) != 0 || id[len] != '.' || id[len + 1] == '\0' ||
	    strspn(id + len + 1, "0123456789") != strlen(id + len + 1)) {
		checker_violate(k, news, "%s '%s' is no id of call %s", what, id, call->id);
		return;
	}
	n = strtoull(id + len + 1, NULL, 10);
	if (n <= call->n)
		checker_violate(k, news, "%s %s is not new: call %s has used numbers up to %llu",
				what, id, call->id, (unsigned long long)call->n);
}

/* Redis lost that the leg had answered, and is told so by the node: the bridge is there. */
static bool
is_told_again(const struct checker_news *news)
{
	return strcmp(checker_field(news, "leg"), news->call->leg) == 0 &&
	       strcmp(checker_field(news, "bridge"), news->call->bridge) == 0;
}

void
checker_ids_new(struct checker *k, const struct checker_news *news)
{
	const char *offer = checker_field(news, "offer");

	if (news->call == NULL)
		return;
	if (news->kind == CHECKER_ON_OFFER_MADE) {
		if (strcmp(offer, news->call->offer) != 0)
			id_is_new(k, news, "offer", offer);
		id_is_new(k, news, "leg", checker_field(news, "leg"));
	} else if (news->kind == CHECKER_ON_CALL_ANSWERED && !is_told_again(news)) {
		id_is_new(k, news, "bridge", checker_field(news, "bridge"));
	}
}

static void
legs_have_agents(struct checker *k, const struct checker_call *call)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++) {
		const struct checker_leg *leg = &call->legs[i];
		const struct checker_agent *agent = leg->agent;

		if (leg->blind || agent == NULL || agent->unsure || !agent->known)
			continue;
		if (agent->state != CHECKER_AGENT_RINGING || strcmp(agent->call, call->id) != 0)
			checker_violate(k, NULL, "call %s rings agent %s on leg %s, who is %s%s%s",
					call->id, agent->name, leg->id,
					checker_agent_state_names[agent->state],
					agent->call[0] != '\0' ? " in call " : "", agent->call);
	}
}

static void
call_has_agent(struct checker *k, const struct checker_call *call)
{
	const struct checker_agent *agent = call->agent;

	if (call->unsure)
		return;
	if (call->state == CHECKER_CALL_RINGING && call->legs_known && call->leg_count == 0)
		checker_violate(k, NULL, "call %s rings nobody", call->id);
	if (call->state == CHECKER_CALL_RINGING)
		legs_have_agents(k, call);
	if (call->state != CHECKER_CALL_TALKING || call->blind || agent == NULL || agent->unsure ||
	    !agent->known)
		return;
	if (agent->state != CHECKER_AGENT_TALKING || strcmp(agent->call, call->id) != 0)
		checker_violate(k, NULL, "call %s talks to agent %s, who is %s%s%s", call->id,
				agent->name, checker_agent_state_names[agent->state],
				agent->call[0] != '\0' ? " in call " : "", agent->call);
}

static bool
has_leg_of(const struct checker_call *call, const struct checker_agent *agent)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++)
		if (call->legs[i].agent == agent)
			return true;
	return false;
}

static void
agent_has_call(struct checker *k, const struct checker_agent *agent)
{
	const struct checker_call *call;

	if (agent->unsure || !agent->known ||
	    (agent->state != CHECKER_AGENT_RINGING && agent->state != CHECKER_AGENT_TALKING))
		return;
	call = checker_call_find(k, agent->call);
	if (call == NULL || call->unsure || call->state == CHECKER_CALL_ENDED)
		return;
	if (call->state == CHECKER_CALL_TALKING && call->agent == agent)
		return;
	if (!has_leg_of(call, agent) && (call->legs_known || call->leg_count > 0))
		checker_violate(k, NULL,
				"agent %s is %s in call %s, which is %s without that agent",
				agent->name, checker_agent_state_names[agent->state], call->id,
				checker_call_state_names[call->state]);
}

/* Caller and agent are claimed together or not at all; so are they let go. */
void
checker_both_sides(struct checker *k)
{
	size_t i;

	for (i = 0; i < k->touched_call_count; i++)
		call_has_agent(k, k->touched_calls[i]);
	for (i = 0; i < k->touched_agent_count; i++)
		agent_has_call(k, k->touched_agents[i]);
}
