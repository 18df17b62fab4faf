/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/chaos_cmd.h"
#include "loadtest/check_cmd.h"
#include "loadtest/command.h"
#include "loadtest/generate_cmd.h"
#include "loadtest/lab_cmd.h"
#include "loadtest/replay_cmd.h"
#include "loadtest/report_cmd.h"
#include "loadtest/run_cmd.h"
#include "loadtest/trace_cmd.h"

#define LAB_UP                                                                                     \
	"[--nodes N] [--mqsd N | --no-mqsd] [--replicas N] [--sentinels N] [--netns] "             \
	"[--lab DIR] [--mqsd-bin PATH] [--etc DIR] [--music CLASS] [--wait-max S] [--keep] "       \
	"[--detach]"

#define PROFILE_OPTIONS "[--set OPTION=VALUE]... [--speed X] [--duration S] [--seed N] [--nodes N] "

#define MADE                                                                                       \
	"[--lab DIR] [--mqsd-bin PATH] [--etc DIR] [--report FILE] [--dir DIR | --artifacts DIR] " \
	"[--keep] [--no-preflight]"

#define CHAOS                                                                                      \
	"[--minutes N | --plan FILE | --hammer N] [--seed N] [--pause MS] [--no-netns] "           \
	"[--nodes N] [--mqsd N] [--replicas N] [--sentinels N] [--set OPTION=VALUE]... "           \
	"[--mqsd-bin PATH] [--etc DIR] [--report FILE] [--dir DIR] [--keep]"

/* clang-format off */
const struct command commands[] = {
	{"run",        "PROFILE " PROFILE_OPTIONS MADE,                 run_cmd_run,    "Run a profile against a lab of its own and judge it call by call"},
	{"generate",   "PROFILE DIR " PROFILE_OPTIONS "[--target HOST:PORT]", generate_cmd, "Write a profile's files for plain SIPp, and a script that runs them"},
	{"replay",     "DIR [--call CALL | --around CALL [--seconds S]] " MADE, replay_cmd, "Make the calls of a run, or some of them, again with the same times"},
	{"judge",      "[--report FILE] DIR", run_cmd_judge, "Judge a run again from the directory it left"},
	{"trace",      "[--json] DIR CALL",  trace_cmd,      "Tell one call's story as all witnesses of a run saw it"},
	{"report",     "[--html FILE] [--junit FILE] [--text] DIR|REPORT", report_cmd, "Show a run's report as text, one HTML page or JUnit's XML"},
	{"compare",    "[--threshold [FIGURE=]PERCENT]... BEFORE AFTER", report_cmd_compare, "Say what is worse in the second of two reports"},
	{"chaos",      CHAOS,               chaos_cmd,      "Break one server after another under load, and judge what became of the calls"},
	{"check",      "[--lab DIR | --redis ADDRESS] [--pool POOL] [--events FILE] [--end]", check_cmd, "Hold the invariants against a running lab, or a file of events"},
	{"lab up",     LAB_UP,              lab_cmd_up,     "Start Redis, Kamailio, Asterisk nodes and mqsd; Ctrl-C ends them"},
	{"lab status", "[--lab DIR]",       lab_cmd_status, "Show the servers of a lab, or of all labs"},
	{"lab logs",   "[--lab DIR] [-f] [-n LINES] [SERVER]", lab_cmd_logs, "Show the servers' logs"},
	{"lab down",   "[--lab DIR]",       lab_cmd_down,   "End a lab and wait until its servers are gone"},
	{"lab kill",   "[--lab DIR] SERVER", lab_cmd_verb,  "End a server with SIGKILL; it stays down"},
	{"lab term",   "[--lab DIR] SERVER", lab_cmd_verb,  "End a server with SIGTERM; it stays down"},
	{"lab start",  "[--lab DIR] SERVER", lab_cmd_verb,  "Start a server that is down, with the files and ports it had"},
	{"lab stop",   "[--lab DIR] SERVER", lab_cmd_verb,  "Stop a server, all its processes, with SIGSTOP"},
	{"lab cont",   "[--lab DIR] SERVER", lab_cmd_verb,  "Let a stopped server go on"},
	{"lab cut",    "[--lab DIR] SERVER [SERVER]", lab_cmd_verb, "Cut a server's link (--netns), or only the way between two"},
	{"lab mend",   "[--lab DIR] SERVER [SERVER]", lab_cmd_verb, "Mend it"},
	{"lab exec",   "[--lab DIR] [--at SERVER] COMMAND [ARG...]", lab_cmd_exec, "Run a command in the lab's network, or a server's"},
};
/* clang-format on */

const size_t command_count = sizeof(commands) / sizeof(commands[0]);
