/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_VIEW_H
#define MQSD_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct json_text;

/*
 * What the control API shows of calls, agents and members, one row a key, made of the fields of
 * their hashes in Redis.
 */
struct view;
extern const struct view view_call, view_agent, view_member;

#define VIEW_FIELDS_MAX 32

/* Which keys, a bit each; ALL has those that a view has not. */
#define VIEW_ALL UINT32_MAX

/* "id,state": of these keys alone, of all if it is "". False with err: the view has no such key. */
bool view_pick(const struct view *view, const char *keys, uint32_t *wanted, struct err *err);

/* Which calls; NULL or "": any. from: the caller's number, or its end. Borrowed. */
struct view_filter {
	const char *queue, *state, *from;
};

/* What was read of one object. */
struct view_row {
	const char *values[VIEW_FIELDS_MAX]; /* by field; NULL: not set, or not read */
	const char *const *more;	     /* queue, membership, ... */
	size_t more_count;
	int64_t rank; /* of a call in its queue, from 0; -1: it does not wait, or that was not read
		       */
	int64_t now;  /* the pool's, ms since the epoch */
};

/* Fields that have to be read, a bit each; *more: memberships too. */
uint32_t view_reads(const struct view *view, uint32_t wanted, const struct view_filter *filter,
		    bool *more);
const char *view_kind(const struct view *view); /* "call": what its keys in Redis begin with */
const char *view_field(const struct view *view, unsigned field); /* NULL behind the last */

/* Is it to be shown? Not what is gone or has ended, nor what the filter leaves out. */
bool view_passes(const struct view *view, const struct view_filter *filter,
		 const struct view_row *row);

/* Adds it as an object. */
void view_add(const struct view *view, uint32_t wanted, const struct view_row *row,
	      struct json_text *text);

/* The script that reads one, not of view_member; its arguments, and what its reply shows, both the
 * caller's. */
const char *view_one_script(const struct view *view);
json_t *view_one_args(const struct view *view, const char *name);
json_t *view_one(const struct view *view, const json_t *reply);

/* How the calls of a list stand in their queues: known once all of them were read. */
struct view_ranks;

/* Is `position` wanted? */
bool view_is_ranked(const struct view *view, uint32_t wanted);
struct view_ranks *view_ranks_new(void);
void view_ranks_free(struct view_ranks *ranks);
/* A call; counts if it waits. at: behind the last byte of its object, 0: it is not shown. */
void view_ranks_add(struct view_ranks *ranks, const struct view_row *row, size_t at);
/* Adds `position` to the objects in text. */
void view_ranks_show(struct view_ranks *ranks, struct json_text *text);

#endif
