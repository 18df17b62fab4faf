/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_TRACE_CMD_H
#define LOADTEST_TRACE_CMD_H

/* One call of a run, as all witnesses saw it. 1: there is no such call, 2: no such run. */
int trace_cmd(int argc, char **argv);

#endif
