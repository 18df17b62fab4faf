/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_CMD_H
#define LOADTEST_LAB_CMD_H

/* The commands `loadtest lab ...`; rows in commands.c. */
int lab_cmd_up(int argc, char **argv);
int lab_cmd_status(int argc, char **argv);
int lab_cmd_logs(int argc, char **argv);
int lab_cmd_down(int argc, char **argv);
int lab_cmd_verb(int argc, char **argv); /* kill, start and so on: argv[0] says which */
int lab_cmd_exec(int argc, char **argv);

#endif
