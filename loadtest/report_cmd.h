/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REPORT_CMD_H
#define LOADTEST_REPORT_CMD_H

/* The commands `loadtest report` and `loadtest compare`; rows in commands.c. */
int report_cmd(int argc, char **argv);
int report_cmd_compare(int argc, char **argv);

#endif
