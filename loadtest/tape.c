/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/tape.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"

struct tape_event {
	UT_hash_handle hh;
	STAILQ_ENTRY(tape_event) entry;
	uint64_t hash; /* of id and data: after a fail-over another event may have its id */
	int64_t ms;    /* of the id */
};

void
tape_init(struct tape *tape)
{
	*tape = (struct tape){.last_ms = 0};
	STAILQ_INIT(&tape->heard);
}

static void
forget(struct tape *tape, int64_t before_ms)
{
	struct tape_event *e;

	while ((e = STAILQ_FIRST(&tape->heard)) != NULL && e->ms < before_ms) {
		STAILQ_REMOVE_HEAD(&tape->heard, entry);
		HASH_DEL(tape->by_hash, e);
		free(e);
	}
}

void
tape_free(struct tape *tape)
{
	forget(tape, INT64_MAX);
}

/* FNV-1a. */
static uint64_t
hash_of(uint64_t h, const char *s)
{
	while (*s != '\0')
		h = (h ^ (unsigned char)*s++) * 1099511628211u;
	return h;
}

enum tape_word
tape_take(struct tape *tape, const char *id, const char *name, const char *data)
{
	uint64_t hash = hash_of(hash_of(14695981039346656037u, id), data);
	int64_t ms = strtoll(id, NULL, 10);
	struct tape_event *e;

	HASH_FIND(hh, tape->by_hash, &hash, sizeof(hash), e);
	if (e != NULL)
		return TAPE_HEARD;
	/* Who opens the pool may have come to another Redis. */
	if (strcmp(name, "instance_started") == 0 && tape->last_ms != 0 && ms > tape->asked_ms) {
		tape->asked_ms = ms;
		return TAPE_ASK;
	}
	e = mem_zero(sizeof(*e));
	e->hash = hash;
	e->ms = ms;
	HASH_ADD(hh, tape->by_hash, hash, sizeof(e->hash), e);
	STAILQ_INSERT_TAIL(&tape->heard, e, entry);
	if (ms > tape->last_ms)
		tape->last_ms = ms;
	forget(tape, tape->last_ms - 2 * TAPE_BACK_MS);
	return TAPE_NEW;
}

int64_t
tape_since(const struct tape *tape)
{
	return tape->last_ms > TAPE_BACK_MS ? tape->last_ms - TAPE_BACK_MS : 0;
}
