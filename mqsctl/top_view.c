/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/top_view.h"

#include <string.h>

#include "mqsctl/render.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define COLUMNS(a) .columns = (a), .count = COUNT(a)
#define NOWHERE	   .drill = -1, .calls = -1
#define OF_AGENTS  (1u << TOP_AGENTS | 1u << TOP_MEMBERS)
#define OF_CALLS   (1u << TOP_CALLS | 1u << TOP_QUEUE_CALLS)

/* clang-format off */
static const struct column queue_columns[] = {
	{"QUEUE", "name", render_text, COLUMN_FLEXIBLE},
	{"WAIT", "waiting", render_text, COLUMN_RIGHT},
	{"LONGEST", "longest_wait_ms", render_duration, COLUMN_RIGHT},
	{"HELD", "held", render_text, COLUMN_RIGHT},
	{"RING", "ringing", render_text, COLUMN_RIGHT},
	{"TALK", "talking", render_text, COLUMN_RIGHT},
	{"IDLE", "idle", render_text, COLUMN_RIGHT},
	{"LOGGED IN", "logged_in", render_text, COLUMN_RIGHT},
	{"MEMBERS", "members", render_text, COLUMN_RIGHT},
};

static const struct column agent_columns[] = {
	{"AGENT", "name", render_text, COLUMN_FLEXIBLE},
	{"STATE", "state", render_agent_state, COLUMN_FLEXIBLE},
	{"FOR", "state_ms", render_duration, COLUMN_RIGHT},
	{"PHONE", "registered", render_text, COLUMN_PLAIN},
	{"MISSES", "misses", render_text, COLUMN_RIGHT},
	{"QUEUES", "queues", render_list, COLUMN_FLEXIBLE},
	{"CALL", "call", render_text, COLUMN_FLEXIBLE},
};

static const struct column member_columns[] = {
	{"AGENT", "agent", render_text, COLUMN_FLEXIBLE},
	{"STATE", "state", render_agent_state, COLUMN_FLEXIBLE},
	{"PENALTY", "penalty", render_text, COLUMN_RIGHT},
	{"PAUSED HERE", "paused_here", render_text, COLUMN_FLEXIBLE},
};

static const struct column node_columns[] = {
	{"NODE", "name", render_text, COLUMN_FLEXIBLE},
	{"STATE", "state", render_text, COLUMN_PLAIN},
	{"FOR", "since_ms", render_duration, COLUMN_RIGHT},
	{"PHONES", "phones", render_text, COLUMN_PLAIN},
	{"DRAIN", "drain", render_text, COLUMN_PLAIN},
	{"WAIT", "waiting", render_text, COLUMN_RIGHT},
	{"HELD", "held", render_text, COLUMN_RIGHT},
	{"TALK", "talking", render_text, COLUMN_RIGHT},
	{"LOST", "lost", render_text, COLUMN_RIGHT},
	{"OWNER", "owner", render_text, COLUMN_FLEXIBLE},
};

static const struct column instance_columns[] = {
	{"INSTANCE", "name", render_text, COLUMN_FLEXIBLE},
	{"LEAVING", "leaving", render_text, COLUMN_PLAIN},
	{"FOR", "since_ms", render_duration, COLUMN_RIGHT},
	{"VERSION", "version", render_text, COLUMN_FLEXIBLE},
	{"HOST", "host", render_text, COLUMN_FLEXIBLE},
	{"PID", "pid", render_text, COLUMN_RIGHT},
	{"NODES", "nodes", render_list, COLUMN_FLEXIBLE},
};

static const struct column call_columns[] = {
	{"NUMBER", "number", render_text, COLUMN_FLEXIBLE},
	{"QUEUE", "queue", render_text, COLUMN_FLEXIBLE},
	{"STATE", "state", render_text, COLUMN_PLAIN},
	{"WAIT", "wait_ms", render_duration, COLUMN_RIGHT},
	{"TALK", "talk_ms", render_some, COLUMN_RIGHT},
	{"AGENT", "agent", render_text, COLUMN_FLEXIBLE},
	{"NODE", "node", render_text, COLUMN_FLEXIBLE},
	{"CALL", "id", render_text, COLUMN_FLEXIBLE},
};

static const struct column problem_columns[] = {
	{"SEVERITY", "severity", render_text, COLUMN_PLAIN},
	{"FOR", "since_ms", render_duration, COLUMN_RIGHT},
	{"PROBLEM", "text", render_text, COLUMN_FLEXIBLE},
};

const struct top_view top_views[TOP_VIEWS] = {
	[TOP_QUEUES] = {"queues", "/v1/queues", "queues", "name", COLUMNS(queue_columns),
		.sort = 1, .descending = true, .drill = TOP_MEMBERS, .calls = TOP_QUEUE_CALLS, .empty = "no queues"},
	[TOP_AGENTS] = {"agents", "/v1/agents", "agents", "name", COLUMNS(agent_columns),
		.sort = 0, .drill = TOP_CALLS, .calls = -1, .also = "paused,pause_reason,unreachable", .empty = "no agents"},
	[TOP_NODES] = {"nodes", "/v1/nodes", "nodes", "name", COLUMNS(node_columns),
		.sort = 0, .drill = TOP_CALLS, .calls = -1, .empty = "no nodes"},
	[TOP_INSTANCES] = {"instances", "/v1/instances", "instances", "name", COLUMNS(instance_columns),
		.sort = 0, .drill = TOP_NODES, .calls = -1, .empty = "no instances"},
	[TOP_CALLS] = {"calls", "/v1/calls", "calls", "id", COLUMNS(call_columns),
		.sort = 7, NOWHERE, .also = "v", .empty = "no calls"},
	[TOP_PROBLEMS] = {"problems", NULL, "problems", "text", COLUMNS(problem_columns),
		.sort = 0, NOWHERE, .empty = "no problems"},
	[TOP_MEMBERS] = {"members of %s", "/v1/queues/%s", "member_list", "agent", COLUMNS(member_columns),
		.sort = 0, .drill = TOP_AGENTS, .calls = -1, .empty = "no members"},
	[TOP_QUEUE_CALLS] = {"calls of %s", "/v1/calls?queue=%s", "calls", "id", COLUMNS(call_columns),
		.sort = 7, NOWHERE, .also = "v", .empty = "no calls"},
};
/* clang-format on */

static bool
is_out(const json_t *agent)
{
	return strcmp(render_string(agent, "state"), "logged_out") == 0;
}

static bool
is_in(const json_t *agent)
{
	return !is_out(agent);
}

static bool
is_paused(const json_t *agent)
{
	return json_is_true(json_object_get(agent, "paused"));
}

static bool
is_not_paused(const json_t *agent)
{
	return !is_paused(agent);
}

/* clang-format off */
const struct top_act top_acts[] = {
	{'o', OF_AGENTS, is_in, "Log agent %s out? A conversation goes on.", "agent %s logged out",
	 "POST", "/v1/agents/%s/logout"},
	{'o', OF_AGENTS, is_out, "Log agent %s in?", "agent %s logged in", "POST", "/v1/agents/%s/login"},
	{'p', OF_AGENTS, is_not_paused, "Give agent %s no calls until unpaused?", "agent %s paused",
	 "POST", "/v1/agents/%s/pause"},
	{'p', OF_AGENTS, is_paused, "Give agent %s calls again?", "agent %s unpaused",
	 "POST", "/v1/agents/%s/unpause"},
	{'h', OF_CALLS, NULL, "Hang up call %s?", "call %s hung up", "DELETE", "/v1/calls/%s"},
};
/* clang-format on */

const size_t top_act_count = COUNT(top_acts);

const struct top_act *
top_act_find(enum top_view_id view, int key, const json_t *line)
{
	size_t i;

	for (i = 0; line && i < top_act_count; i++)
		if (top_acts[i].key == key && (top_acts[i].views & 1u << view) &&
		    (!top_acts[i].can || top_acts[i].can(line)))
			return &top_acts[i];
	return NULL;
}
