/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_GATE_H
#define MQSD_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct peer;

/*
 * Bounds for the connections of one listener: how many there are at a time, of one source too, how
 * fast new ones of a source may come, and how long a connection may take to bring a whole request,
 * TLS and head included. Knows descriptors only: a connection whose time is over, or that is one
 * too many, is shut down, so that its owner sees an end of file. That its owner closed one is seen
 * by the descriptor being another file, or none.
 */
struct gate;

struct gate_bounds {
	const int64_t *connections, *per_source; /* borrowed: a reload may change them */
	int64_t per_second;			 /* of one source; 0: no bound */
	int64_t request_ms;			 /* that a whole request may take */
};

/* name: of the listener, for the log; borrowed. */
struct gate *gate_new(struct loop *loop, const char *name, const struct gate_bounds *bounds);
void gate_free(struct gate *gate);

/* A new connection. False: it was shut down. Root is not bound: whoever cures must get in. */
bool gate_admit(struct gate *gate, int fd, const struct peer *peer);

/* A whole request came: its answer may take what time it needs. */
void gate_requested(struct gate *gate, int fd);
void gate_replied(struct gate *gate, int fd); /* the next one has its time from now on */

#endif
