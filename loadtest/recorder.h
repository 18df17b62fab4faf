/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_RECORDER_H
#define LOADTEST_RECORDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/err.h"

/*
 * Writes mqsd's event stream to a file, from its beginning on, one event a line: stream id TAB name
 * TAB JSON. It is a process of its own, so that the stream is read whatever the run is waiting for;
 * it connects again where it was when mqsd was away, and dies with its parent.
 */
struct recorder {
	pid_t pid; /* 0: none */
};

int recorder_start(struct recorder *r, const char *socket, const char *path, struct err *err);
void recorder_stop(struct recorder *r);

/* False when it gave up: mqsd refused the stream. */
bool recorder_alive(struct recorder *r);

#endif
