/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_GENERATE_CMD_H
#define LOADTEST_GENERATE_CMD_H

int generate_cmd(int argc, char **argv);

#endif
