/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of rules, and what runs it. */

#include <stdarg.h>
#include <stdio.h>

#include "lib/checker_priv.h"

/* Every rule, one row each. */
/* clang-format off */
static const struct row {
	struct checker_rule rule;
	checker_on_event *event;
	checker_on_script *script;
	checker_on_dump *dump;
} rows[] = {
	{{"event-form", "An event is one of lib/event.c, with its fields.", CHECKER_EVENTS},
	 checker_event_form, NULL, NULL},
	{{"stream-order", "Events come once, in order, and the pool's clock never goes back.", CHECKER_EVENTS},
	 checker_stream_order, NULL, NULL},
	{{"objects", "Queues, agents and memberships are made before they are used, once.", CHECKER_EVENTS},
	 checker_objects, NULL, NULL},
	{{"enters-once", "A call enters once.", CHECKER_EVENTS},
	 checker_call_once, NULL, NULL},
	{{"ends-once", "Nothing happens to a call that never entered or has ended.", CHECKER_EVENTS},
	 checker_call_known, NULL, NULL},
	{{"end-reason", "A call ends with a reason.", CHECKER_EVENTS},
	 checker_call_reason, NULL, NULL},
	{{"call-moves", "A call goes from the state it is in, to one that follows it.", CHECKER_EVENTS},
	 checker_call_moves, NULL, NULL},
	{{"one-offer", "A call has at most one live offer.", CHECKER_EVENTS},
	 checker_one_offer, NULL, NULL},
	{{"leg-order", "A leg is made, dialled, answered and bridged in this order, each once.", CHECKER_EVENTS},
	 checker_leg_order, NULL, NULL},
	{{"ids-new", "Numbers of offers, legs and bridges are the call's and never used again.", CHECKER_EVENTS},
	 checker_ids_new, NULL, NULL},
	{{"one-call", "An agent has at most one call.", CHECKER_EVENTS},
	 checker_one_call, NULL, NULL},
	{{"agent-free", "A call is offered to an agent who is idle, not paused, and reachable.", CHECKER_EVENTS},
	 checker_agent_free, NULL, NULL},
	{{"agent-member", "A call is offered to a member of its queue.", CHECKER_EVENTS},
	 checker_agent_in_queue, NULL, NULL},
	{{"agent-moves", "An agent goes from the state it is in, to one that follows it.", CHECKER_EVENTS},
	 checker_agent_moves, NULL, NULL},
	{{"agent-overlays", "What lies over an agent's state begins and ends by turns.", CHECKER_EVENTS},
	 checker_overlays, NULL, NULL},
	{{"both-sides", "Call and agent say the same of each other after every script.", CHECKER_EVENTS},
	 NULL, checker_both_sides, NULL},
	{{"order", "Of callers of equal priority whom an agent could take, the oldest is offered.", CHECKER_EVENTS},
	 checker_order_kept, NULL, NULL},
	{{"work-conserved", "No call waits while an agent who could take it is idle.", CHECKER_EVENTS},
	 NULL, checker_work_conserved, NULL},
	{{"recovery-quiet", "Nothing is offered between the start and the end of a recovery.", CHECKER_EVENTS},
	 checker_recovery_quiet, NULL, NULL},
	{{"node-moves", "A node's state follows the one it had.", CHECKER_EVENTS},
	 checker_node_moves, NULL, NULL},
	{{"settled", "Agents of ended calls are freed and answered calls are bridged, in time.", CHECKER_EVENTS},
	 NULL, checker_settled, NULL},
	{{"redis-keys", "Every key of the pool is one that MQS keeps, and belongs to something.", CHECKER_REDIS},
	 NULL, NULL, checker_redis_faults},
	{{"redis-calls", "A call's record fits its state, and goes when the last channel has gone.", CHECKER_REDIS},
	 NULL, NULL, checker_redis_faults},
	{{"redis-agents", "Records of agents and calls say the same of each other.", CHECKER_REDIS},
	 NULL, NULL, checker_redis_faults},
	{{"redis-indices", "Indices have what the records say, with its score.", CHECKER_REDIS},
	 NULL, NULL, checker_redis_faults},
	{{"redis-counters", "Counters are what the records add up to.", CHECKER_REDIS},
	 NULL, NULL, checker_redis_faults},
	{{"redis-circuits", "A circuit has what drives it on, and no call waits behind one that is open.", CHECKER_REDIS},
	 NULL, NULL, checker_redis_faults},
	{{"redis-work", "No call waits in Redis beside an idle agent.", CHECKER_REDIS},
	 NULL, NULL, checker_redis_faults},
	{{"channels-owned", "A channel of ours belongs to a call.", CHECKER_NODES},
	 NULL, NULL, checker_channels_owned},
	{{"channels-there", "A call's channels are on its node.", CHECKER_NODES},
	 NULL, NULL, checker_channels_there},
	{{"bridges-talk", "A bridge is of one conversation, and joins both sides of it.", CHECKER_NODES},
	 NULL, NULL, checker_bridges_talk},
	{{"end-redis", "Nothing of a call is left in Redis.", CHECKER_END},
	 NULL, NULL, checker_end_redis},
	{{"end-nodes", "No channel and no bridge is left on a node.", CHECKER_END},
	 NULL, NULL, checker_end_nodes},
	{{"end-dialogs", "No dialog is left in Kamailio.", CHECKER_END},
	 NULL, NULL, checker_end_dialogs},
	{{"end-transactions", "Kamailio has finished each transaction.", CHECKER_END},
	 NULL, NULL, checker_end_transactions},
	{{"end-events", "Every call that entered has ended.", CHECKER_END},
	 NULL, NULL, checker_end_events},
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

size_t
checker_rule_count(void)
{
	return ROWS;
}

const struct checker_rule *
checker_rule_at(size_t i)
{
	return &rows[i].rule;
}

void
checker_violate(struct checker *k, const struct checker_news *news, const char *fmt, ...)
{
	char text[CHECKER_TEXT_MAX];
	struct checker_violation v = {
		.rule = &rows[k->rule].rule,
		.event = news != NULL ? news->id : k->last_id,
		.at = news != NULL ? news->at : k->at,
		.text = text,
	};
	va_list ap;

	k->figures.violations++;
	k->by_rule[k->rule]++;
	if (k->options.violated == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->options.violated(k->options.arg, &v);
}

void
checker_rules_event(struct checker *k, const struct checker_news *news)
{
	for (k->rule = 0; k->rule < ROWS; k->rule++)
		if (rows[k->rule].event != NULL)
			rows[k->rule].event(k, news);
}

void
checker_rules_script(struct checker *k)
{
	size_t i;

	for (k->rule = 0; k->rule < ROWS; k->rule++)
		if (rows[k->rule].script != NULL)
			rows[k->rule].script(k);
	for (i = 0; i < k->touched_call_count; i++)
		k->touched_calls[i]->touched = false;
	for (i = 0; i < k->touched_agent_count; i++)
		k->touched_agents[i]->touched = false;
	k->touched_call_count = k->touched_agent_count = 0;
}

void
checker_rules_dump(struct checker *k, const struct checker_dump *dump, enum checker_look look)
{
	for (k->rule = 0; k->rule < ROWS; k->rule++)
		if (rows[k->rule].dump != NULL && rows[k->rule].rule.looks_at == look)
			rows[k->rule].dump(k, dump);
}

void
checker_rule_enter(struct checker *k, checker_on_script *script)
{
	for (k->rule = 0; rows[k->rule].script != script;)
		k->rule++;
}
