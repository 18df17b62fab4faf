/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_STORY_H
#define LOADTEST_STORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadtest/verdict.h"

/* What each witness saw of one call, on one time line. Pure. */
struct story_entry {
	int64_t at;	     /* as in the evidence */
	const char *witness; /* static */
	char *what;	     /* printable; owned */
};

struct story {
	struct story_entry *entries;
	size_t count;
};

extern const char story_mqsd[]; /* the witness of mqsd's events */

void story_add(struct story *s, int64_t at, const char *witness, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* What SIPps, nodes and loadtest itself saw and did; story_mqsd_short() adds what the evidence
 * keeps of mqsd's events. The verdict must have been reached on that evidence. */
void story_tell(struct story *s, const struct evidence *e, const struct verdict *v, size_t caller);
void story_mqsd_short(struct story *s, const struct evidence *e, size_t caller);

/* One line of the event stream as recorded, when it is about that call of a run that
 * began at from_us; -1: it isn't. */
int story_event_line(struct story *s, int64_t from_us, const char *call, const char *line);

/* A file of SIP messages (drop_file.h), line by line: the first of each message is told. Begins
 * zeroed. */
struct story_wire {
	int64_t at;
	char from[24], to[24];
};
void story_wire_line(struct story *s, struct story_wire *wire, int64_t from_us, const char *line);

/*
 * SIPp's own file of messages, line by line: the first line of each message under one of these
 * Call-IDs is told. Its times are of the zone that SIPp was in, which a line of its log tells.
 * Begins zeroed but for `ids` and `witness`.
 */
enum story_messages_state {
	STORY_MESSAGES_BODY,
	STORY_MESSAGES_BEGUN,
	STORY_MESSAGES_FIRST,
	STORY_MESSAGES_HEADERS
};
struct story_messages {
	const struct names *ids;
	const char *witness;
	int64_t zone_us, at;
	enum story_messages_state state;
	bool sent;
	char first[256];
};
/* False: the line tells no zone. */
bool story_messages_zone(struct story_messages *m, const char *log_line);
void story_messages_line(struct story *s, struct story_messages *m, int64_t from_us,
			 const char *line);

/* By time; what was added first goes first. */
void story_sort(struct story *s);

/* [{t, witness, what}], t in s since `origin`. The caller owns it. */
json_t *story_json(const struct story *s, int64_t origin);

void story_free(struct story *s);

#endif
