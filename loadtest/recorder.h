/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_RECORDER_H
#define LOADTEST_RECORDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/err.h"

/*
 * Writes mqsd's event stream to a file, from its beginning on, one event a line: stream id TAB name
 * TAB JSON. It is a process of its own, so that the stream is read whatever the run is waiting for,
 * and dies with its parent. When an mqsd is away it goes on with the next one; each event is
 * written once, whichever mqsd and Redis told it (loadtest/tape.h).
 */
struct recorder {
	pid_t pid; /* 0: none */
};

/* sockets: of the mqsd that there are, NULL behind the last. They must stay. */
int recorder_start(struct recorder *r, const char *const *sockets, const char *path,
		   struct err *err);
void recorder_stop(struct recorder *r);

/* False when it gave up: mqsd refused the stream. */
bool recorder_alive(struct recorder *r);

#endif
