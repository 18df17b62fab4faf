/* SPDX-License-Identifier: BSD-2-Clause */

/* What the checker believes of the pool: objects, and the sums that rules look at. */

#include <stdlib.h>
#include <string.h>

#include "lib/checker_priv.h"
#include "lib/mem.h"

const char *const checker_call_state_names[CHECKER_CALL_STATES] = {
	"none", "waiting", "held", "ringing", "talking", "ended",
};
const char *const checker_agent_state_names[CHECKER_AGENT_STATES] = {
	"none", "logged_out", "idle", "ringing", "talking", "wrapup",
};

unsigned
checker_state_of(const char *const *names, unsigned count, const char *name)
{
	unsigned i;

	for (i = 1; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return 0;
}

/* Finding and making are the same for each kind of object. */
#define FIND_AND_MAKE(type, table, field)                                                          \
	struct checker_##type *checker_##type##_find(const struct checker *k, const char *name)    \
	{                                                                                          \
		struct checker_##type *found;                                                      \
                                                                                                   \
		HASH_FIND_STR(k->table, name, found);                                              \
		return found;                                                                      \
	}                                                                                          \
                                                                                                   \
	static struct checker_##type *type##_new(struct checker *k, const char *name)              \
	{                                                                                          \
		struct checker_##type *made = mem_zero(sizeof(*made));                             \
                                                                                                   \
		snprintf(made->field, sizeof(made->field), "%s", name);                            \
		HASH_ADD_STR(k->table, field, made);                                               \
		return made;                                                                       \
	}

FIND_AND_MAKE(call, calls, id)
FIND_AND_MAKE(agent, agents, name)
FIND_AND_MAKE(queue, queues, name)
FIND_AND_MAKE(node, nodes, name)

struct checker_call *
checker_call_make(struct checker *k, const char *id)
{
	struct checker_call *call = call_new(k, id);

	call->unsure = true;
	call->item.name = call->id;
	/* Ids begin with the time of entering in us, 16 digits. */
	call->entered =
		strspn(id, "0123456789") == 16 ? (int64_t)(strtoull(id, NULL, 10) / 1000) : 0;
	return call;
}

struct checker_agent *
checker_agent_make(struct checker *k, const char *name)
{
	struct checker_agent *agent = agent_new(k, name);

	agent->unsure = true;
	return agent;
}

struct checker_queue *
checker_queue_make(struct checker *k, const char *name)
{
	struct checker_queue *queue = queue_new(k, name);

	queue->unsure = true;
	return queue;
}

struct checker_node *
checker_node_make(struct checker *k, const char *name)
{
	return node_new(k, name);
}

static void
queue_dirty(struct checker *k, struct checker_queue *queue)
{
	if (queue->dirty)
		return;
	queue->dirty = true;
	SLIST_INSERT_HEAD(&k->dirty, queue, dirty_entry);
}

static struct checker_line *
line_of(struct checker_queue *queue, int64_t priority)
{
	struct checker_line *line;

	for (line = queue->lines; line != NULL; line = line->next)
		if (line->priority == priority)
			return line;
	line = mem_zero(sizeof(*line));
	line->priority = priority;
	line->next = queue->lines;
	queue->lines = line;
	return line;
}

bool
checker_call_offerable(const struct checker *k, const struct checker_call *call)
{
	const struct checker_node *node = call->node;

	return call->state == CHECKER_CALL_WAITING && !call->unsure && !k->circuit &&
	       call->queue != NULL &&
	       (node == NULL || (!node->circuit && strcmp(node->state, "unreachable") != 0 &&
				 strcmp(node->state, "dead") != 0));
}

void
checker_call_recount(struct checker *k, struct checker_call *call)
{
	bool count = checker_call_offerable(k, call);

	if (count == call->counted)
		return;
	call->counted = count;
	call->queue->waiting += count ? 1 : (size_t)-1;
	queue_dirty(k, call->queue);
	if (!count && call->item.place != 0)
		checker_heap_remove(&line_of(call->queue, call->priority)->heap, &call->item);
	if (count && call->priority_known) {
		call->item.key = call->entered;
		checker_heap_add(&line_of(call->queue, call->priority)->heap, &call->item);
	}
}

static bool
is_live(enum checker_call_state state)
{
	return state != CHECKER_CALL_NONE && state != CHECKER_CALL_ENDED;
}

bool
checker_call_live(const struct checker_call *call)
{
	return is_live(call->state);
}

static void
keep_ended(struct checker *k, struct checker_call *call)
{
	TAILQ_INSERT_TAIL(&k->ended, call, ended_entry);
	call->in_ended = true;
	k->ended_count++;
	while (k->ended_count > CHECKER_ENDED_MAX)
		checker_call_forget(k, TAILQ_FIRST(&k->ended));
}

void
checker_call_set(struct checker *k, struct checker_call *call, enum checker_call_state state)
{
	bool was = is_live(call->state), is = is_live(state);

	call->state = state;
	call->since = k->at;
	if (call->queue != NULL && was != is)
		call->queue->live += is ? 1 : (size_t)-1;
	if (was != is)
		k->figures.live_calls += is ? 1 : (size_t)-1;
	checker_call_recount(k, call);
	checker_call_touch(k, call);
	if (is && call->in_ended) {
		TAILQ_REMOVE(&k->ended, call, ended_entry);
		call->in_ended = false;
		k->ended_count--;
	} else if (state == CHECKER_CALL_ENDED && !call->in_ended) {
		keep_ended(k, call);
	}
}

void
checker_call_place(struct checker *k, struct checker_call *call, struct checker_queue *queue,
		   struct checker_node *node)
{
	enum checker_call_state state = call->state;

	if (queue == call->queue && node == call->node)
		return;
	checker_call_set(k, call, CHECKER_CALL_NONE);
	call->queue = queue;
	call->node = node;
	checker_call_set(k, call, state);
}

void
checker_call_touch(struct checker *k, struct checker_call *call)
{
	if (call->touched || k->touched_call_count == CHECKER_TOUCHED_MAX)
		return;
	call->touched = true;
	k->touched_calls[k->touched_call_count++] = call;
}

static void
untouch(struct checker *k, const struct checker_call *call)
{
	size_t i;

	for (i = 0; i < k->touched_call_count; i++)
		if (k->touched_calls[i] == call)
			k->touched_calls[i] = k->touched_calls[--k->touched_call_count];
}

void
checker_call_forget(struct checker *k, struct checker_call *call)
{
	call->unsure = true;
	checker_call_recount(k, call);
	if (is_live(call->state)) {
		k->figures.live_calls--;
		if (call->queue != NULL)
			call->queue->live--;
	}
	if (call->in_ended) {
		TAILQ_REMOVE(&k->ended, call, ended_entry);
		k->ended_count--;
	}
	if (call->touched)
		untouch(k, call);
	HASH_DEL(k->calls, call);
	free(call->legs);
	free(call);
}

struct checker_leg *
checker_leg_find(const struct checker_call *call, const char *id)
{
	size_t i;

	for (i = 0; i < call->leg_count; i++)
		if (strcmp(call->legs[i].id, id) == 0)
			return &call->legs[i];
	return NULL;
}

void
checker_agent_touch(struct checker *k, struct checker_agent *agent)
{
	if (agent->touched || k->touched_agent_count == CHECKER_TOUCHED_MAX)
		return;
	agent->touched = true;
	k->touched_agents[k->touched_agent_count++] = agent;
}

bool
checker_agent_available(const struct checker *k, const struct checker_agent *agent)
{
	return agent->known && !agent->unsure && agent->state == CHECKER_AGENT_IDLE &&
	       agent->paused == CHECKER_NO && agent->unreachable == CHECKER_NO &&
	       agent->backoff <= k->at;
}

static void
count_idle(struct checker *k, struct checker_queue *queue, bool more)
{
	queue->idle += more ? 1 : (size_t)-1;
	queue_dirty(k, queue);
}

void
checker_agent_recount(struct checker *k, struct checker_agent *agent)
{
	bool count = checker_agent_available(k, agent);
	size_t i;

	if (count == agent->counted)
		return;
	agent->counted = count;
	for (i = 0; i < agent->queue_count; i++)
		if (agent->memberships[i].paused == CHECKER_NO)
			count_idle(k, agent->memberships[i].queue, count);
}

struct checker_member *
checker_agent_member(const struct checker_agent *agent, const struct checker_queue *queue)
{
	size_t i;

	for (i = 0; i < agent->queue_count; i++)
		if (agent->memberships[i].queue == queue)
			return &agent->memberships[i];
	return NULL;
}

void
checker_member_pause(struct checker *k, const struct checker_agent *agent,
		     struct checker_member *member, enum checker_known paused)
{
	bool was = member->paused == CHECKER_NO, is = paused == CHECKER_NO;

	member->paused = paused;
	if (agent->counted && was != is)
		count_idle(k, member->queue, is);
}

void
checker_agent_join(struct checker *k, struct checker_agent *agent, struct checker_queue *queue)
{
	struct checker_member *member;

	if (checker_agent_member(agent, queue) != NULL)
		return;
	agent->memberships =
		mem_grow(agent->memberships, agent->queue_count + 1, sizeof(*agent->memberships));
	member = &agent->memberships[agent->queue_count++];
	*member = (struct checker_member){queue, CHECKER_UNKNOWN};
	checker_member_pause(k, agent, member, CHECKER_NO);
}

void
checker_agent_part(struct checker *k, struct checker_agent *agent, struct checker_queue *queue)
{
	struct checker_member *member = checker_agent_member(agent, queue);

	if (member == NULL)
		return;
	checker_member_pause(k, agent, member, CHECKER_UNKNOWN);
	*member = agent->memberships[--agent->queue_count];
}

void
checker_agent_back_off(struct checker *k, struct checker_agent *agent, int64_t until)
{
	struct checker_agent *before;

	if (agent->in_backoff)
		TAILQ_REMOVE(&k->backoffs, agent, backoff_entry);
	agent->backoff = until;
	agent->in_backoff = until > k->at;
	if (agent->in_backoff) {
		/* Back-offs are of a few lengths: the place is near the end. */
		TAILQ_FOREACH_REVERSE(before, &k->backoffs, checker_backoffs, backoff_entry)
		{
			if (before->backoff <= until)
				break;
		}
		if (before != NULL)
			TAILQ_INSERT_AFTER(&k->backoffs, before, agent, backoff_entry);
		else
			TAILQ_INSERT_HEAD(&k->backoffs, agent, backoff_entry);
	}
	checker_agent_recount(k, agent);
}

void
checker_node_recount(struct checker *k, const struct checker_node *node)
{
	struct checker_call *call, *next;

	HASH_ITER(hh, k->calls, call, next)
	{
		if (node == NULL || call->node == node)
			checker_call_recount(k, call);
	}
}

void
checker_owe(struct checker *k, const char *call, const char *agent)
{
	struct checker_debt *debt;

	if (k->options.settle_ms == 0)
		return;
	debt = mem_zero(sizeof(*debt));
	debt->since = k->at;
	debt->due = k->at + k->options.settle_ms;
	snprintf(debt->call, sizeof(debt->call), "%s", call);
	snprintf(debt->agent, sizeof(debt->agent), "%s", agent);
	snprintf(debt->event, sizeof(debt->event), "%s", k->last_id);
	STAILQ_INSERT_TAIL(&k->debts, debt, entry);
}

static void
lines_free(struct checker_queue *queue)
{
	struct checker_line *line;

	while ((line = queue->lines) != NULL) {
		queue->lines = line->next;
		checker_heap_free(&line->heap);
		free(line);
	}
}

void
checker_model_free(struct checker *k)
{
	struct checker_call *call, *next_call;
	struct checker_agent *agent, *next_agent;
	struct checker_queue *queue, *next_queue;
	struct checker_node *node, *next_node;
	struct checker_debt *debt;

	HASH_ITER(hh, k->calls, call, next_call)
	{
		HASH_DEL(k->calls, call);
		free(call->legs);
		free(call);
	}
	HASH_ITER(hh, k->agents, agent, next_agent)
	{
		HASH_DEL(k->agents, agent);
		free(agent->memberships);
		free(agent);
	}
	HASH_ITER(hh, k->queues, queue, next_queue)
	{
		HASH_DEL(k->queues, queue);
		lines_free(queue);
		free(queue);
	}
	HASH_ITER(hh, k->nodes, node, next_node)
	{
		HASH_DEL(k->nodes, node);
		free(node);
	}
	while ((debt = STAILQ_FIRST(&k->debts)) != NULL) {
		STAILQ_REMOVE_HEAD(&k->debts, entry);
		free(debt);
	}
}
