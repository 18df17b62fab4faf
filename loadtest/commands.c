/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/command.h"
#include "loadtest/lab_cmd.h"
#include "loadtest/run_cmd.h"

#define LAB_UP                                                                                     \
	"[--nodes N] [--lab DIR] [--mqsd PATH | --no-mqsd] [--etc DIR] [--music CLASS] "           \
	"[--wait-max S] [--keep] [--detach]"

#define RUN                                                                                        \
	"PROFILE [--set OPTION=VALUE]... [--seed N] [--nodes N] [--lab DIR] [--mqsd PATH] "        \
	"[--etc DIR] [--report FILE] [--dir DIR] [--keep]"

/* clang-format off */
const struct command commands[] = {
	{"run",        RUN,                 run_cmd_run,    "Run a profile against a lab of its own and judge it call by call"},
	{"judge",      "[--report FILE] DIR", run_cmd_judge, "Judge a run again from the directory it left"},
	{"lab up",     LAB_UP,              lab_cmd_up,     "Start Redis, Kamailio, Asterisk nodes and mqsd; Ctrl-C ends them"},
	{"lab status", "[--lab DIR]",       lab_cmd_status, "Show the servers of a lab, or of all labs"},
	{"lab logs",   "[--lab DIR] [-f] [-n LINES] [SERVER]", lab_cmd_logs, "Show the servers' logs"},
	{"lab down",   "[--lab DIR]",       lab_cmd_down,   "End a lab and wait until its servers are gone"},
};
/* clang-format on */

const size_t command_count = sizeof(commands) / sizeof(commands[0]);
