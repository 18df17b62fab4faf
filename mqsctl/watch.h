/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_WATCH_H
#define MQSCTL_WATCH_H

struct match;
struct shell;

/*
 * --watch: runs the command again and again until Ctrl-C, and returns what became of the last time.
 * On a terminal each time is drawn over the one before, as much of it as fits; elsewhere, and as
 * JSON or CSV, one follows the other. An mqsd that is away is told in place and waited for.
 */
int watch_run(struct shell *shell, const struct match *match);

#endif
