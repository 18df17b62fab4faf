/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checker_priv.h"
#include "lib/mem.h"

const struct checker_options checker_defaults = {
	.idle_ms = 500, .late_ms = 2000, .settle_ms = 30000, .patience_ms = 5000};

struct checker *
checker_new(const struct checker_options *options)
{
	struct checker *k = mem_zero(sizeof(*k));

	k->options = *options;
	k->by_rule = mem_zero(checker_rule_count() * sizeof(*k->by_rule));
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
	checker_suspicions_free(k);
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
checker_time_pass(struct checker *k, int64_t at)
{
	struct checker_agent *agent;

	checker_rule_enter(k, checker_work_conserved);
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
