/* SPDX-License-Identifier: BSD-2-Clause */

/* What a recovery makes of the model: nothing is sure until it is told again. */

#include "lib/checker_priv.h"

void
checker_model_doubt(struct checker *k, bool wiped)
{
	struct checker_call *call, *next_call;
	struct checker_agent *agent, *next_agent;
	struct checker_queue *queue, *next_queue;
	size_t i;
	struct checker_node *node, *next_node;

	k->circuit = false;
	HASH_ITER(hh, k->calls, call, next_call)
	{
		if (wiped && call->unsure && checker_call_live(call)) {
			k->figures.lost++;
			checker_call_forget(k, call);
			continue;
		}
		call->unsure = true;
		call->blind = false;
		checker_call_recount(k, call);
	}
	HASH_ITER(hh, k->agents, agent, next_agent)
	{
		agent->unsure = true;
		agent->paused = agent->unreachable = agent->registered = CHECKER_UNKNOWN;
		agent->members_known = agent->members_known && !wiped;
		checker_agent_recount(k, agent);
		/* A copy tells memberships again, and then the pauses. */
		for (i = 0; i < agent->queue_count; i++)
			if (wiped && agent->memberships[i].paused == CHECKER_YES)
				agent->memberships[i].paused = CHECKER_UNKNOWN;
	}
	HASH_ITER(hh, k->queues, queue, next_queue)
	{
		queue->unsure = true;
	}
	HASH_ITER(hh, k->nodes, node, next_node)
	{
		node->state[0] = '\0';
		node->circuit = false;
	}
}

void
checker_model_settle(struct checker *k)
{
	struct checker_call *call, *next;
	struct checker_agent *agent, *next_agent;

	HASH_ITER(hh, k->agents, agent, next_agent)
	{
		if (agent->unsure)
			agent->known = false;
	}
	HASH_ITER(hh, k->calls, call, next)
	{
		if (call->unsure && checker_call_live(call)) {
			k->figures.lost++;
			checker_call_forget(k, call);
		}
	}
}
