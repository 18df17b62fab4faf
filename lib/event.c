/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/event.h"

#include <string.h>

/* clang-format off */
#define CALL  {"call", "id"}, {"queue", "name"}, {"node", "name"}
#define LEG   {"agent", "name"}, {"leg", "id"}, {"offer", "id"}

const struct event_row event_rows[] = {
	{"call_entered", "A caller is waiting in a queue.",
	 {CALL, {"channel", "id"}, {"sip_call_id", "text"}, {"number", "text"}, {"name", "text"},
	  {"priority", "number"}, {"entered_ms", "ms since the epoch"}, {"reason", "word"}}},
	{"call_refused", "A caller could not be taken into a queue and went on in the dialplan.",
	 {{"queue", "name"}, {"node", "name"}, {"channel", "id"}, {"sip_call_id", "text"},
	  {"number", "text"}, {"reason", "word"}}},
	{"call_held", "A waiting call is not offered for the time being; it keeps its place.",
	 {CALL, {"state", "word"}, {"reason", "word"}}},
	{"call_released", "A held call is offered again, at its old place.",
	 {CALL, {"reason", "word"}}},
	{"call_priority", "A call that waits, or rings, was given another priority, and so another place.",
	 {CALL, {"state", "word"}, {"priority", "number"}, {"priority_was", "number"}}},
	{"call_moved", "A waiting call was put into another queue, at its old score; queue_was is the queue before.",
	 {CALL, {"state", "word"}, {"queue_was", "name"}}},
	{"call_transferred", "The agent was let go by an operator; the caller waits again, with the time of entering that it had. queue_was is the queue before.",
	 {CALL, {"queue_was", "name"}, {"agent", "name"}, {"leg", "id"}, {"talk_ms", "ms"}}},
	{"offer_made", "A waiting call and an idle agent were claimed for each other.",
	 {CALL, LEG, {"wait_ms", "ms"}, {"reason", "word"}}},
	{"offer_dialled", "The leg exists on the node and the agent's phone is being rung.",
	 {CALL, LEG}},
	{"offer_failed", "An offer came to nothing; the call waits again at its old place.",
	 {CALL, LEG, {"ring_ms", "ms"}, {"sip_status", "number"}, {"reason", "word"}}},
	{"call_answered", "The agent answered; the leg has won the call.",
	 {CALL, LEG, {"bridge", "id"}, {"wait_ms", "ms"}, {"ring_ms", "ms"}, {"reason", "word"}}},
	{"call_adopted", "A conversation that Redis had forgotten was found on its node; it goes on.",
	 {CALL, {"state", "word"}, {"agent", "name"}, {"leg", "id"}, {"bridge", "id"},
	  {"bridged_ms", "ms since the epoch"}, {"reason", "word"}}},
	{"call_bridged", "Caller and agent hear each other.",
	 {CALL, {"agent", "name"}, {"leg", "id"}, {"bridge", "id"}, {"connect_ms", "ms"}}},
	{"call_ended", "The call is over; the reason says by whose wish.",
	 {CALL, {"state", "word"}, {"agent", "name"}, {"leg", "id"}, {"wait_ms", "ms"},
	  {"talk_ms", "ms"}, {"reason", "word"}}},
	{"agent_state", "An agent's state changed.",
	 {{"agent", "name"}, {"old", "word"}, {"new", "word"}, {"call", "id"}, {"reason", "word"},
	  {"backoff_ms", "ms"}}},
	{"agent_paused", "An agent takes no calls until unpaused. by is phone when it asked for that itself.",
	 {{"agent", "name"}, {"reason", "text"}, {"by", "word"}}},
	{"agent_unpaused", "An agent takes calls again. by is as in agent_paused.",
	 {{"agent", "name"}, {"reason", "text"}, {"by", "word"}}},
	{"agent_unreachable", "An agent's phone could not be reached; it is left out until it registers.",
	 {{"agent", "name"}, {"sip_status", "number"}, {"reason", "word"}}},
	{"agent_reachable", "An agent that was unreachable can be rung again.",
	 {{"agent", "name"}, {"reason", "word"}}},
	{"agent_registered", "An agent's phone registered with Kamailio.",
	 {{"agent", "name"}}},
	{"agent_unregistered", "An agent's phone unregistered, or its registration expired.",
	 {{"agent", "name"}, {"reason", "word"}}},
	{"agent_added", "An agent was created.",
	 {{"agent", "name"}, {"address", "text"}, {"login", "word"}}},
	{"agent_changed", "An option of an agent was set.",
	 {{"agent", "name"}, {"option", "word"}, {"value", "text"}, {"was", "text"}}},
	{"agent_removed", "An agent was removed, with its memberships.",
	 {{"agent", "name"}}},
	{"agent_reset", "An agent was made to forget the call it was said to have.",
	 {{"agent", "name"}, {"call", "id"}}},
	{"member_added", "An agent became a member of a queue, or its penalty changed.",
	 {{"queue", "name"}, {"agent", "name"}, {"penalty", "number"}}},
	{"member_paused", "A member gets no calls of that queue until unpaused in it.",
	 {{"queue", "name"}, {"agent", "name"}, {"reason", "text"}}},
	{"member_unpaused", "A member gets calls of that queue again.",
	 {{"queue", "name"}, {"agent", "name"}, {"reason", "text"}}},
	{"member_removed", "An agent is no longer a member of a queue.",
	 {{"queue", "name"}, {"agent", "name"}}},
	{"queue_created", "A queue was created.",
	 {{"queue", "name"}}},
	{"queue_changed", "An option of a queue was set.",
	 {{"queue", "name"}, {"option", "word"}, {"value", "text"}, {"was", "text"}}},
	{"queue_deleted", "A queue was deleted.",
	 {{"queue", "name"}}},
	{"node_owner", "An mqsd took a node over; old is the one that had it before, if any.",
	 {{"node", "name"}, {"instance", "name"}, {"old", "word"}, {"reason", "word"}}},
	{"node_state", "A node's state changed.",
	 {{"node", "name"}, {"old", "word"}, {"new", "word"}, {"reason", "text"}}},
	{"node_added", "A node was added at run time; each mqsd connects to it.",
	 {{"node", "name"}, {"url", "text"}, {"sip", "text"}}},
	{"node_removed", "A drained node was removed.",
	 {{"node", "name"}, {"url", "text"}}},
	{"node_draining", "A node is to get no new callers; so many calls on it go on.",
	 {{"node", "name"}, {"calls", "number"}}},
	{"node_drained", "A draining node has no calls any more.",
	 {{"node", "name"}, {"took_ms", "ms"}}},
	{"node_undrained", "A node gets new callers again.",
	 {{"node", "name"}, {"after_ms", "ms"}}},
	{"circuit_opened", "A node, or Kamailio if several nodes see it, failed again and again to reach phones; its calls are held while one at a time tries.",
	 {{"circuit", "word"}, {"node", "name"}, {"fails", "number"}}},
	{"circuit_closed", "A phone was reached again (or the node is dead); the held calls are released.",
	 {{"circuit", "word"}, {"node", "name"}, {"open_ms", "ms"}, {"reason", "word"}}},
	{"recovery_started", "The pool was opened under a Redis that may have forgotten; no claims until it is done.",
	 {{"reason", "word"}}},
	{"recovered", "A recovery found a live call (with its queue), or an agent (with none), in this state.",
	 {CALL, LEG, {"bridge", "id"}, {"state", "word"}, {"ring_ms", "ms"}, {"backoff_ms", "ms"},
	  {"reason", "word"}}},
	{"pool_restored", "An mqsd has brought back from its copy the queues and agents that Redis had lost.",
	 {{"instance", "name"}, {"as_of", "ms since the epoch"}, {"restored", "number"}}},
	{"recovery_done", "Every node was reconciled or left out; calls are offered again.",
	 {{"took_ms", "ms"}}},
	{"events_behind", "Half, or four fifths, of the events that Redis keeps are not taken by the slowest group (or there is none); at the bound the oldest are cut.",
	 {{"group", "name"}, {"behind", "number"}, {"bound", "number"}, {"percent", "number"}}},
	{"instance_started", "An mqsd opened the pool, for the first time or anew.",
	 {{"instance", "name"}, {"version", "text"}}},
	{"instance_stopped", "An mqsd left on purpose.",
	 {{"instance", "name"}, {"reason", "word"}}},
};
/* clang-format on */

const size_t event_row_count = sizeof(event_rows) / sizeof(event_rows[0]);

const struct event_row *
event_find(const char *name)
{
	size_t i;

	for (i = 0; i < event_row_count; i++)
		if (strcmp(event_rows[i].name, name) == 0)
			return &event_rows[i];
	return NULL;
}

const struct event_field *
event_field_find(const struct event_row *row, const char *name)
{
	size_t i;

	for (i = 0; i < EVENT_FIELDS_MAX && row->fields[i].name != NULL; i++)
		if (strcmp(row->fields[i].name, name) == 0)
			return &row->fields[i];
	return NULL;
}
