/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/command.h"

#include "mqsctl/cmd.h"

/* clang-format off */
const struct command commands[] = {
	{"status", cmd_status, COMMAND_READ,
	 "What is wrong, worst first, and how many wait, talk and work."},
	{"node list", cmd_node_list, COMMAND_READ,
	 "The Asterisk nodes, their state and their calls."},
	{"node drain <node>", cmd_node_drain, COMMAND_EDIT,
	 "Give a node no new callers; its calls wait, are offered and talk on to their end."},
	{"node undrain <node>", cmd_node_undrain, COMMAND_EDIT,
	 "Give a node new callers again."},
	{"instance list", cmd_instance_list, COMMAND_READ,
	 "The mqsd that share the queues, and the nodes of each."},
	{"instance leave <instance>", cmd_instance_leave, COMMAND_DANGER,
	 "Stop an mqsd as SIGTERM does: the others take its nodes at once. No call is touched."},

	{"queue list", cmd_queue_list, COMMAND_READ,
	 "The queues, who waits in them and how long."},
	{"queue show <queue>", cmd_queue_show, COMMAND_READ,
	 "One queue: its options, its calls and its members."},
	{"queue create <name> [<queue-option> <value>]...", cmd_queue_create, COMMAND_EDIT,
	 "Make a queue; options not given get their defaults."},
	{"queue set <queue> <queue-option> <value>", cmd_queue_set, COMMAND_EDIT,
	 "Change an option of a queue, from the next offer on."},
	{"queue delete <queue>", cmd_queue_delete, COMMAND_DANGER,
	 "Delete a queue and its memberships; refused while it has calls. The agents stay."},
	{"queue member add <queue> <agent> [penalty <penalty>]", cmd_member_add, COMMAND_EDIT,
	 "Make an agent a member of a queue, or change its penalty."},
	{"queue member set <queue> <member> penalty <penalty>", cmd_member_set, COMMAND_EDIT,
	 "Change the penalty of a member."},
	{"queue member pause <queue> <member> [reason <text>...]", cmd_member_pause, COMMAND_EDIT,
	 "Give a member no calls of that queue; those of its other queues go on."},
	{"queue member unpause <queue> <member>", cmd_member_unpause, COMMAND_EDIT,
	 "Give a member the calls of that queue again."},
	{"queue member remove <queue> <member>", cmd_member_remove, COMMAND_EDIT,
	 "End a membership; a call that the agent has goes on."},

	{"agent list", cmd_agent_list, COMMAND_READ,
	 "The agents and what they do."},
	{"agent show <agent>", cmd_agent_show, COMMAND_READ,
	 "One agent: options, state, queues, and why it is not offered calls."},
	{"agent add <name> [<agent-option> <value>]...", cmd_agent_add, COMMAND_EDIT,
	 "Make an agent; options not given get their defaults."},
	{"agent set <agent> <agent-option> <value>", cmd_agent_set, COMMAND_EDIT,
	 "Change an option of an agent, from the next offer on."},
	{"agent remove <agent>", cmd_agent_remove, COMMAND_DANGER,
	 "Remove an agent and its memberships."},
	{"agent login <agent>", cmd_agent_login, COMMAND_EDIT,
	 "Log an agent in: it is offered calls."},
	{"agent logout <agent>", cmd_agent_logout, COMMAND_EDIT,
	 "Log an agent out: no more offers; a conversation goes on."},
	{"agent pause <agent> [reason <text>...]", cmd_agent_pause, COMMAND_EDIT,
	 "No offers until unpaused; the agent stays logged in."},
	{"agent unpause <agent>", cmd_agent_unpause, COMMAND_EDIT,
	 "Offer calls to an agent again."},
	{"agent reset <agent>", cmd_agent_reset, COMMAND_DANGER,
	 "Free a stuck agent: it forgets the call it is said to have. Touches no channel."},

	{"call list [from <number>] [queue <queue>] [state <state>]", cmd_call_list, COMMAND_READ,
	 "The calls that wait, ring or talk."},
	{"call show <call>", cmd_call_show, COMMAND_READ,
	 "One call: where it is, since when, and its offers."},
	{"call hangup <call>", cmd_call_hangup, COMMAND_DANGER,
	 "End a call: hangs up the caller and, if there is one, the agent's leg."},

	{"export", cmd_export, COMMAND_READ,
	 "Print queues, agents and their states as commands, to be kept, or read by mqsctl."},

	{"events [since <event>] [count <count>]", cmd_events, COMMAND_STREAM,
	 "Show what happens as it happens, a line an event, until Ctrl-C."},

	{"help", cmd_help, COMMAND_READ,
	 "The commands."},
	{"help --all", cmd_help_all, COMMAND_READ,
	 "The commands for programs: syntax, a TAB, help."},
	{"help <command>...", cmd_help_command, COMMAND_READ,
	 "The commands that begin so, with their arguments."},
	{"exit", cmd_exit, COMMAND_READ,
	 "Leave the shell; so do quit and Ctrl-D."},
	{"quit", cmd_exit, COMMAND_READ,
	 "Leave the shell."},
};
/* clang-format on */

const size_t command_count = sizeof(commands) / sizeof(commands[0]);
