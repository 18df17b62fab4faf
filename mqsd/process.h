/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_PROCESS_H
#define MQSD_PROCESS_H

#include <jansson.h>

/*
 * What this process takes of the machine: {"cpu_s", "resident_bytes", "open_fds", "max_fds"}. What
 * cannot be read is left out. The caller's.
 */
json_t *process_figures(void);

/* No core of this process is ever written, and no other of the same user may read its memory: it
 * holds passwords, tokens and callers' numbers. */
void process_keep_to_itself(void);

#endif
