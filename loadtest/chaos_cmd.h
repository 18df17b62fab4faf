/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHAOS_CMD_H
#define LOADTEST_CHAOS_CMD_H

/* The command `loadtest chaos`; its row is in commands.c. */
int chaos_cmd(int argc, char **argv);

#endif
