/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_TRACER_H
#define LOADTEST_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/*
 * SIP messages of the last minute or two, whoever sent them to whom on this host, in a ring that
 * the kernel writes (packet(7), TPACKET_V3): nobody spends time on them until they are looked for.
 * UDP only; RTP is left out. SIPp's own -trace_msg has no such ring: -ringbuffer_files would throw
 * away its log of steps, too (3.6.1).
 *
 * A child that is forked later sees the ring as well.
 */
#define TRACER_MB_MAX 4096

struct tracer {
	int fd; /* 0: not open */
	unsigned char *ring;
	size_t blocks;
	size_t first, held; /* blocks that are ours: the oldest, and how many */
};

/* A ring of so many MB, 1 to TRACER_MB_MAX. -1 with err when this is not permitted: it needs
 * CAP_NET_RAW. */
int tracer_open(struct tracer *t, int64_t mb, struct err *err);

/* For how long a ring of so many MB keeps messages that need so many bytes of it a second; 0 MB:
 * not at all. Pure. */
double tracer_holds_s(int64_t mb, double bytes_per_s);

/* For how long it did: s from the oldest message to the newest. *full: older ones are gone. */
double tracer_held_s(const struct tracer *t, bool *full);

/* Gives the oldest messages' room back to the kernel. To be called every second at least; what
 * comes when there is no room is lost. */
void tracer_step(struct tracer *t);

/* from, to: "127.0.0.1:5060". text has no NUL. */
struct tracer_message {
	int64_t at; /* µs since the epoch */
	char from[24], to[24];
	const char *text;
	size_t len;
};
typedef void tracer_take(void *arg, const struct tracer_message *m);

/* Calls `take` for each message, oldest first. */
void tracer_each(const struct tracer *t, tracer_take *take, void *arg);

/* The Call-ID of a message; NULL: none. Pure. Returns out. */
#define TRACER_ID_MAX 256
const char *tracer_call_id(const char *text, size_t len, char out[TRACER_ID_MAX]);

void tracer_close(struct tracer *t);

#endif
