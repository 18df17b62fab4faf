/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_RUN_CMD_H
#define LOADTEST_RUN_CMD_H

/* The commands `loadtest run` and `loadtest judge`; rows in commands.c. */
int run_cmd_run(int argc, char **argv);
int run_cmd_judge(int argc, char **argv);

#endif
