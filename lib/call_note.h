/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CALL_NOTE_H
#define LIB_CALL_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/text.h"

/*
 * What a caller's channel carries of its call, in the one variable MQS_CALL, so that a Redis that
 * forgot everything can be told: "1:<id>:<priority>:<entered, ms>:<queue>". Later formats may add
 * fields behind a further colon. A bare id is what older versions wrote. Pure; the value may be
 * anything that a dialplan puts there.
 */
#define CALL_NOTE_ID_MAX 40
#define CALL_NOTE_MAX	 200 /* of the text, NUL included */

struct call_note {
	char id[CALL_NOTE_ID_MAX];     /* never "" in what was parsed */
	char queue[TEXT_NAME_MAX + 1]; /* "": not known, then nor are the others */
	int priority;
	int64_t entered; /* ms since the epoch, by the pool's clock */
};

/* Size of out: CALL_NOTE_MAX. Characters that need no escaping in a URL. Returns out. */
char *call_note_text(const struct call_note *note, char *out);

/* -1 when it is no note; note is cleared then. */
int call_note_parse(const char *text, struct call_note *note);

#endif
