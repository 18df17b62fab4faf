/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_LAB_LOG_H
#define LOADTEST_LAB_LOG_H

#include <stdio.h>

/* Servers' logs: files that their stdout and stderr are appended to. */

#define LAB_LOG_MAX                                                                                \
	(32 * 1024 * 1024) /* bytes; above it the log moves to FILE.1 and starts anew              \
			    */

void lab_log_bound(const char *path);

/* The last lines, made printable, each behind the server's name. Returns the offset reached. */
long lab_log_tail(const char *path, const char *name, int lines, FILE *out);

/* What came after `offset`; whole lines only. Returns the new offset. */
long lab_log_more(const char *path, const char *name, long offset, FILE *out);

#endif
