/* SPDX-License-Identifier: BSD-2-Clause */

/* Rules about the stream, the pool as a whole, and the order in which callers are served. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checker_priv.h"
#include "lib/event.h"

/* A gap that is still open is told after so long, so that nobody waits for its end. */
#define GAP_TOLD_MS 5000

void
checker_event_form(struct checker *k, const struct checker_news *news)
{
	const struct event_row *row = event_find(news->name);
	const char *key;
	json_t *value;

	if (row == NULL) {
		checker_violate(k, news, "there is no event '%s'", news->name);
		return;
	}
	json_object_foreach((json_t *)news->json, key, value)
	{
		if (strcmp(key, "event") == 0 || strcmp(key, "at") == 0 || strcmp(key, "id") == 0)
			continue;
		if (event_field_find(row, key) == NULL)
			checker_violate(k, news, "%s has no field '%s'", news->name, key);
		else if (!json_is_string(value) && !json_is_number(value))
			checker_violate(k, news, "field %s of %s is neither text nor number", key,
					news->name);
	}
}

/* -1, 0, 1 as a comes before, is or comes behind b. */
static int
id_order(const char *a, const char *b)
{
	char *rest_a, *rest_b;
	unsigned long long x = strtoull(a, &rest_a, 10), y = strtoull(b, &rest_b, 10);

	if (x == y) {
		x = *rest_a == '-' ? strtoull(rest_a + 1, NULL, 10) : 0;
		y = *rest_b == '-' ? strtoull(rest_b + 1, NULL, 10) : 0;
	}
	return (x > y) - (x < y);
}

/* A Redis that forgot has another clock, and other ids. */
void
checker_stream_order(struct checker *k, const struct checker_news *news)
{
	if (k->figures.events == 1 || news->kind == CHECKER_ON_RECOVERY_STARTED)
		return;
	if (*news->id != '\0' && k->last_id[0] != '\0' && id_order(news->id, k->last_id) <= 0)
		checker_violate(k, news, "event %s comes behind %s", news->id, k->last_id);
	if (news->at < k->at)
		checker_violate(k, news, "the pool's clock goes back from %" PRId64 " to %" PRId64,
				k->at, news->at);
}

static const struct checker_line *
line_at(const struct checker_queue *queue, int64_t priority)
{
	const struct checker_line *line;

	for (line = queue->lines; line != NULL; line = line->next)
		if (line->priority == priority)
			return line;
	return NULL;
}

static void
first_of_queue(struct checker *k, const struct checker_news *news,
	       const struct checker_queue *queue)
{
	const struct checker_call *call = news->call;
	const struct checker_line *line = line_at(queue, call->priority);
	const struct checker_heap_item *first =
		line != NULL ? checker_heap_first(&line->heap) : NULL;
	struct checker_heap_item self = {.key = call->entered, .name = call->id};

	if (first == NULL || first == &call->item || checker_heap_order(first, &self) >= 0)
		return;
	checker_violate(k, news,
			"agent %s is offered call %s (entered %" PRId64
			"), but call %s of queue %s "
			"waits since %" PRId64 " with the same priority %" PRId64,
			news->agent->name, call->id, call->entered, first->name, queue->name,
			first->key, call->priority);
}

/* Inversion: of the calls of equal priority that the agent could take, the oldest goes first, but
 * for an operator's wish. */
void
checker_order_kept(struct checker *k, const struct checker_news *news)
{
	size_t i;

	if (news->kind != CHECKER_ON_OFFER_MADE || news->call == NULL || news->agent == NULL ||
	    !news->call->priority_known || checker_by_hand(news))
		return;
	for (i = 0; i < news->agent->queue_count; i++)
		if (news->agent->memberships[i].paused == CHECKER_NO)
			first_of_queue(k, news, news->agent->memberships[i].queue);
}

void
checker_recovery_quiet(struct checker *k, const struct checker_news *news)
{
	if (news->kind == CHECKER_ON_OFFER_MADE && k->recovering)
		checker_violate(k, news, "offer of call %s in a recovery",
				news->call != NULL ? news->call->id : "?");
	else if (news->kind == CHECKER_ON_RECOVERY_DONE && !k->recovering && k->whole)
		checker_violate(k, news, "a recovery is done that never started");
}

void
checker_node_moves(struct checker *k, const struct checker_news *news)
{
	const char *old = checker_field(news, "old");

	if (news->kind == CHECKER_ON_NODE_STATE && news->node != NULL &&
	    news->node->state[0] != '\0' && strcmp(news->node->state, old) != 0)
		checker_violate(k, news, "node %s goes from %s to %s, but is %s", news->node->name,
				old, checker_field(news, "new"), news->node->state);
}

/* Closes the gap, or begins to count it anew; its time so far goes to `sum`. */
static int64_t
gap_take(struct checker *k, struct checker_queue *queue, int64_t *sum)
{
	int64_t took = k->at - queue->gap_since;

	*sum += took;
	queue->gap_since = k->at;
	return took;
}

static int64_t
allowed(const struct checker *k, const struct checker_queue *queue)
{
	return queue->gap_by_time ? k->options.late_ms : k->options.idle_ms;
}

static void
gap_tell(struct checker *k, struct checker_queue *queue, int64_t took)
{
	if (took > k->figures.longest_ms)
		k->figures.longest_ms = took;
	if (took <= allowed(k, queue) || queue->gap_told)
		return;
	queue->gap_told = true;
	checker_violate(k, NULL,
			"queue %s has had a waiting call and an idle member for %" PRId64
			" ms; now %zu wait and %zu are idle",
			queue->name, took, queue->waiting, queue->idle);
}

static void
gap_look(struct checker *k, struct checker_queue *queue, bool by_time)
{
	bool both = queue->waiting > 0 && queue->idle > 0 && !k->recovering;
	bool open = queue->gap_since != 0;

	if (both && !open) {
		queue->gap_since = k->at;
		queue->gap_told = false;
		queue->gap_by_time = by_time;
		LIST_INSERT_HEAD(&k->gaps, queue, gap_entry);
	} else if (!both && open) {
		gap_tell(k, queue, gap_take(k, queue, &k->figures.idle_ms));
		queue->gap_since = 0;
		LIST_REMOVE(queue, gap_entry);
	}
}

void
checker_gaps_look(struct checker *k, bool by_time)
{
	struct checker_queue *queue;

	while ((queue = SLIST_FIRST(&k->dirty)) != NULL) {
		SLIST_REMOVE_HEAD(&k->dirty, dirty_entry);
		queue->dirty = false;
		gap_look(k, queue, by_time);
	}
}

void
checker_gaps_excuse(struct checker *k)
{
	struct checker_queue *queue;

	LIST_FOREACH(queue, &k->gaps, gap_entry)
	gap_take(k, queue, &k->figures.excused_ms);
}

void
checker_work_conserved(struct checker *k)
{
	struct checker_queue *queue;

	checker_gaps_look(k, false);
	LIST_FOREACH(queue, &k->gaps, gap_entry)
	{
		if (k->at - queue->gap_since > allowed(k, queue) + GAP_TOLD_MS)
			gap_tell(k, queue, k->at - queue->gap_since);
	}
}

/* Whose owner may be away, or whose channels nobody can see, is given time. */
static bool
excused(const struct checker *k, const struct checker_call *call)
{
	return k->recovering ||
	       (call != NULL && call->node != NULL && strcmp(call->node->state, "up") != 0);
}

static void
debt_look(struct checker *k, const struct checker_debt *debt)
{
	const struct checker_call *call = checker_call_find(k, debt->call);
	const struct checker_agent *agent = checker_agent_find(k, debt->agent);

	if (agent == NULL) {
		/* A recovery since then has told the call again: it would not be talking otherwise.
		 */
		if (debt->since < k->recovering_since)
			return;
		if (call != NULL && call->state == CHECKER_CALL_TALKING && !call->unsure &&
		    !call->bridged)
			checker_violate(k, NULL,
					"call %s was answered with event %s and not bridged since",
					debt->call, debt->event);
	} else if (!agent->unsure && strcmp(agent->call, debt->call) == 0 &&
		   (agent->state == CHECKER_AGENT_RINGING ||
		    agent->state == CHECKER_AGENT_TALKING)) {
		checker_violate(k, NULL, "agent %s is %s in call %s, which ended after event %s",
				agent->name, checker_agent_state_names[agent->state], debt->call,
				debt->event);
	}
}

void
checker_settled(struct checker *k)
{
	int64_t from = k->settle_from + k->options.settle_ms;
	struct checker_debt *debt;

	while ((debt = STAILQ_FIRST(&k->debts)) != NULL && debt->due <= k->at) {
		STAILQ_REMOVE_HEAD(&k->debts, entry);
		if (debt->due < from || excused(k, checker_call_find(k, debt->call))) {
			debt->due = from > k->at ? from : k->at + k->options.settle_ms;
			STAILQ_INSERT_TAIL(&k->debts, debt, entry);
			continue;
		}
		debt_look(k, debt);
		free(debt);
	}
}
