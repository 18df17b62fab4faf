/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checker_priv.h"
#include "lib/mem.h"

const struct checker_options checker_defaults = {
	.idle_ms = 500, .late_ms = 2000, .settle_ms = 30000};

/* Every rule, one row each. */
static const struct row {
	struct checker_rule rule;
	checker_on_event *event;
	checker_on_script *script;
} rows[] = {
	{{"event-form", "An event is one of lib/event.c, with its fields.", CHECKER_EVENTS},
	 checker_event_form,
	 NULL},
	{{"stream-order", "Events come once, in order, and the pool's clock never goes back.",
	  CHECKER_EVENTS},
	 checker_stream_order,
	 NULL},
	{{"objects", "Queues, agents and memberships are made before they are used, once.",
	  CHECKER_EVENTS},
	 checker_objects,
	 NULL},
	{{"enters-once", "A call enters once.", CHECKER_EVENTS}, checker_call_once, NULL},
	{{"ends-once", "Nothing happens to a call that never entered or has ended.",
	  CHECKER_EVENTS},
	 checker_call_known,
	 NULL},
	{{"end-reason", "A call ends with a reason.", CHECKER_EVENTS}, checker_call_reason, NULL},
	{{"call-moves", "A call goes from the state it is in, to one that follows it.",
	  CHECKER_EVENTS},
	 checker_call_moves,
	 NULL},
	{{"one-offer", "A call has at most one live offer.", CHECKER_EVENTS},
	 checker_one_offer,
	 NULL},
	{{"leg-order", "A leg is made, dialled, answered and bridged in this order, each once.",
	  CHECKER_EVENTS},
	 checker_leg_order,
	 NULL},
	{{"ids-new", "Numbers of offers, legs and bridges are the call's and never used again.",
	  CHECKER_EVENTS},
	 checker_ids_new,
	 NULL},
	{{"one-call", "An agent has at most one call.", CHECKER_EVENTS}, checker_one_call, NULL},
	{{"agent-free", "A call is offered to an agent who is idle, not paused, and reachable.",
	  CHECKER_EVENTS},
	 checker_agent_free,
	 NULL},
	{{"agent-member", "A call is offered to a member of its queue.", CHECKER_EVENTS},
	 checker_agent_in_queue,
	 NULL},
	{{"agent-moves", "An agent goes from the state it is in, to one that follows it.",
	  CHECKER_EVENTS},
	 checker_agent_moves,
	 NULL},
	{{"agent-overlays", "What lies over an agent's state begins and ends by turns.",
	  CHECKER_EVENTS},
	 checker_overlays,
	 NULL},
	{{"both-sides", "Call and agent say the same of each other after every script.",
	  CHECKER_EVENTS},
	 NULL,
	 checker_both_sides},
	{{"order", "Of callers of equal priority whom an agent could take, the oldest is offered.",
	  CHECKER_EVENTS},
	 checker_order_kept,
	 NULL},
	{{"work-conserved", "No call waits while an agent who could take it is idle.",
	  CHECKER_EVENTS},
	 NULL,
	 checker_work_conserved},
	{{"recovery-quiet", "Nothing is offered between the start and the end of a recovery.",
	  CHECKER_EVENTS},
	 checker_recovery_quiet,
	 NULL},
	{{"node-moves", "A node's state follows the one it had.", CHECKER_EVENTS},
	 checker_node_moves,
	 NULL},
	{{"settled", "Agents of ended calls are freed and answered calls are bridged, in time.",
	  CHECKER_EVENTS},
	 NULL,
	 checker_settled},
};

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

struct checker *
checker_new(const struct checker_options *options)
{
	struct checker *k = mem_zero(sizeof(*k));

	k->options = *options;
	k->by_rule = mem_zero(ROWS * sizeof(*k->by_rule));
	TAILQ_INIT(&k->ended);
	TAILQ_INIT(&k->backoffs);
	STAILQ_INIT(&k->debts);
	SLIST_INIT(&k->dirty);
	LIST_INIT(&k->gaps);
	return k;
}

void
checker_free(struct checker *k)
{
	if (k == NULL)
		return;
	checker_model_free(k);
	free(k->by_rule);
	free(k);
}

const char *
checker_field(const struct checker_news *news, const char *name)
{
	const char *s = json_string_value(json_object_get(news->json, name));

	return s != NULL ? s : "";
}

int64_t
checker_number(const struct checker_news *news, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(news->json, name);
	double number;

	if (json_is_string(value))
		return strtoll(json_string_value(value), NULL, 10);
	number = json_number_value(value);
	if (!json_is_number(value) || number > 1e17 || number < -1e17)
		return otherwise;
	return (int64_t)number;
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
checker_time_pass(struct checker *k, int64_t at)
{
	struct checker_agent *agent;

	for (k->rule = 0; rows[k->rule].script != checker_work_conserved;)
		k->rule++;
	while ((agent = TAILQ_FIRST(&k->backoffs)) != NULL && agent->backoff <= at) {
		if (agent->backoff > k->at)
			k->at = agent->backoff;
		TAILQ_REMOVE(&k->backoffs, agent, backoff_entry);
		agent->in_backoff = false;
		checker_agent_recount(k, agent);
		/* Those that end together are seen together. */
		if (TAILQ_FIRST(&k->backoffs) == NULL || TAILQ_FIRST(&k->backoffs)->backoff > k->at)
			checker_gaps_look(k, true);
	}
	k->at = at;
}

void
checker_script_ended(struct checker *k)
{
	checker_rules_script(k);
}

void
checker_pause(struct checker *k, int64_t now_ms)
{
	struct checker_queue *queue;

	checker_rules_script(k);
	if (now_ms > k->at)
		checker_time_pass(k, now_ms);
	checker_rules_script(k);
	LIST_FOREACH(queue, &k->gaps, gap_entry)
	if (k->at - queue->gap_since > k->figures.longest_ms)
		k->figures.longest_ms = k->at - queue->gap_since;
}

static void
note_event(const struct checker_news *news)
{
	if (news->call != NULL)
		snprintf(news->call->last_event, sizeof(news->call->last_event), "%s", news->id);
	if (news->agent != NULL && (news->kind == CHECKER_ON_AGENT_STATE || news->agent_new))
		snprintf(news->agent->last_event, sizeof(news->agent->last_event), "%s", news->id);
}

static bool
can_follow(const struct checker_news *news)
{
	unsigned needs = checker_kinds[news->kind].needs;

	return (!(needs & CHECKER_CALL) || news->call != NULL) &&
	       (!(needs & CHECKER_AGENT) || news->agent != NULL) &&
	       (!(needs & CHECKER_QUEUE) || news->queue != NULL) &&
	       (!(needs & CHECKER_NODE) || news->node != NULL);
}

int
checker_event(struct checker *k, const char *id, const json_t *event)
{
	struct checker_news news = {.json = event, .id = id != NULL ? id : ""};

	news.name = checker_field(&news, "event");
	news.at = checker_number(&news, "at", 0);
	if (*news.name == '\0' || news.at <= 0)
		return -1;
	news.kind = checker_kind_of(news.name);
	k->figures.events++;
	if (k->figures.events > 1 && news.at > k->at) {
		checker_rules_script(k);
		checker_time_pass(k, news.at);
	}
	checker_news_resolve(k, &news);
	checker_rules_event(k, &news);
	k->at = news.at;
	snprintf(k->last_id, sizeof(k->last_id), "%s", news.id);
	if (can_follow(&news))
		checker_kinds[news.kind].apply(k, &news);
	note_event(&news);
	return 0;
}

int
checker_line(struct checker *k, const char *line)
{
	const char *tab = strchr(line, '\t'), *data = tab != NULL ? strchr(tab + 1, '\t') : NULL;
	char id[40];
	json_t *json;
	int rc;

	if (*line == '{') {
		json = json_loads(line, JSON_ALLOW_NUL, NULL);
		rc = json != NULL ? checker_event(k, json_string_value(json_object_get(json, "id")),
						  json)
				  : -1;
	} else if (data != NULL) {
		json = json_loads(data + 1, JSON_ALLOW_NUL, NULL);
		snprintf(id, sizeof(id), "%.*s", (int)(tab - line), line);
		rc = json != NULL ? checker_event(k, id, json) : -1;
	} else {
		return -1;
	}
	json_decref(json);
	return rc;
}

void
checker_figures(const struct checker *k, struct checker_figures *out)
{
	*out = k->figures;
	out->kept_calls = k->ended_count;
}

uint64_t
checker_rule_violations(const struct checker *k, size_t rule)
{
	return k->by_rule[rule];
}
