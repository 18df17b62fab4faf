/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_CMD_H
#define MQSCTL_CMD_H

#include "mqsctl/command.h"

/* What commands.c lists; each in the file of its noun. */

/* cmd_status.c */
command_run cmd_status, cmd_export;

/* cmd_node.c */
command_run cmd_node_list, cmd_node_add, cmd_node_remove, cmd_node_drain, cmd_node_undrain;

/* cmd_top.c */
command_run cmd_top;

/* cmd_doctor.c */
command_run cmd_doctor, cmd_node_check;

/* cmd_instance.c */
command_run cmd_instance_list, cmd_instance_leave;

/* cmd_queue.c, cmd_member.c */
command_run cmd_queue_list, cmd_queue_show, cmd_queue_create, cmd_queue_set, cmd_queue_close,
	cmd_queue_open, cmd_queue_delete;
command_run cmd_member_add, cmd_member_set, cmd_member_pause, cmd_member_unpause, cmd_member_remove;

/* cmd_agent.c, cmd_agent_state.c */
command_run cmd_agent_list, cmd_agent_show, cmd_agent_add, cmd_agent_set, cmd_agent_remove;
command_run cmd_agent_login, cmd_agent_logout, cmd_agent_pause, cmd_agent_unpause, cmd_agent_reset;
command_run cmd_agent_wrapup_end;

/* cmd_call.c, cmd_events.c */
command_run cmd_call_list, cmd_call_show, cmd_call_hangup;
/* cmd_call_hand.c, cmd_trace.c */
command_run cmd_call_priority, cmd_call_move, cmd_call_offer, cmd_call_transfer, cmd_call_trace;
command_run cmd_events, cmd_queue_watch;

/* cmd_audit.c */
command_run cmd_audit;

/* cmd_reconcile.c */
command_run cmd_reconcile;

/* cmd_config.c */
command_run cmd_config_show, cmd_config_check, cmd_log_level, cmd_log_set;

/* cmd_help.c */
command_run cmd_help, cmd_help_all, cmd_help_command, cmd_exit;

#endif
