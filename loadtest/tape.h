/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_TAPE_H
#define LOADTEST_TAPE_H

#include <stdint.h>
#include <sys/queue.h>

/*
 * Which of the events that mqsd's streams bring are new. Pure.
 *
 * Whoever asks a stream again, asks from TAPE_BACK_MS before the newest event, and leaves out what
 * it has. After a fail-over the new master's events may begin before the last ones of the old; that
 * is how long an old master may go on beside the new one without an event being lost. Events of the
 * last 2 x TAPE_BACK_MS are kept in mind.
 */
#define TAPE_BACK_MS 30000

enum tape_word {
	TAPE_NEW,   /* write it */
	TAPE_HEARD, /* it was written */
	TAPE_ASK,   /* first ask for what was before it: some may be missing */
};

struct tape_event;

struct tape {
	struct tape_event *by_hash;
	STAILQ_HEAD(, tape_event) heard; /* in the order in which they came */
	int64_t last_ms;		 /* of the newest id; 0: none yet */
	int64_t asked_ms;		 /* up to here it was asked anew */
};

void tape_init(struct tape *tape);
void tape_free(struct tape *tape);

enum tape_word tape_take(struct tape *tape, const char *id, const char *name, const char *data);

/* Where to begin when asking again, in ms: as an id, "<this>-0". */
int64_t tape_since(const struct tape *tape);

#endif
