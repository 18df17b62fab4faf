/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REPLAY_CMD_H
#define LOADTEST_REPLAY_CMD_H

int replay_cmd(int argc, char **argv);

#endif
