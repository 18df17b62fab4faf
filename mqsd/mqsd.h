/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_MQSD_H
#define MQSD_MQSD_H

struct conf;

/*
 * The daemon: makes its parts in order, runs the loop, takes them down in the reverse order. `conf`
 * is borrowed and changed by SIGHUP. Returns the exit status.
 */
int mqsd_run(struct conf *conf);

#endif
