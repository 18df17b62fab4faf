/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_WITNESS_STAT_H
#define LOADTEST_WITNESS_STAT_H

#include <stdint.h>

/*
 * SIPp's statistics file (-trace_stat): a first line of column names, then a line from time to
 * time, the last when SIPp ends, even if it is ended by a signal. Fields end with ';'. Pure.
 */
struct witness_stat {
	int column; /* of the retransmissions, from 1; 0: its name wasn't read yet, -1: there is
		     * none
		     */
	int64_t retransmissions; /* messages that SIPp sent again, since its start */
};

/* Takes one line, which is the file's first when `stat` is zeroed. -1 when it is none. */
int witness_stat_line(struct witness_stat *stat, const char *line);

#endif
