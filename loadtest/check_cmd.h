/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_CHECK_CMD_H
#define LOADTEST_CHECK_CMD_H

/* `loadtest check`: 0 when all holds, 1 when not, 2 when that could not be seen. */
int check_cmd(int argc, char **argv);

#endif
