/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_VIEW_PRIV_H
#define MQSD_VIEW_PRIV_H

/* Shared by view.c and the files of the views (view_call.c, view_agent.c). */

#include <stddef.h>

#include "mqsd/json_text.h"
#include "mqsd/view.h"

#define VIEW_F(field) (1U << (field))

struct view_key {
	const char *name;
	/* Adds the value; false: it has none and the key is left out. */
	bool (*put)(struct json_text *text, const struct view_row *row, unsigned field);
	unsigned field;
	uint32_t needs; /* fields */
	bool more;	/* memberships */
};

struct view {
	const char *kind, *script;
	const char *const *fields; /* VIEW_FIELDS_MAX at most, NULL behind them */
	const struct view_key *keys;
	size_t key_count;
	uint32_t always; /* fields that are read whatever is wanted; the first is one, and always
			    set */
	/* Fields that a filter looks at, and whether it lets a row through; NULL: no filter. */
	uint32_t (*filter_needs)(const struct view_filter *filter);
	bool (*passes)(const struct view_filter *filter, const struct view_row *row);
};

int64_t view_number(const struct view_row *row, unsigned field, int64_t none);

bool view_add_text(struct json_text *text, const char *value); /* NULL: adds nothing, false */
bool view_add_int(struct json_text *text, int64_t value);

bool view_put_text(struct json_text *text, const struct view_row *row, unsigned field);
bool view_put_int(struct json_text *text, const struct view_row *row, unsigned field);	/* or 0 */
bool view_put_flag(struct json_text *text, const struct view_row *row, unsigned field); /* "1"? */
bool view_put_is_set(struct json_text *text, const struct view_row *row, unsigned field);
/* ms since a time, or 0; until a time that is to come, or 0. */
bool view_put_age(struct json_text *text, const struct view_row *row, unsigned field);
bool view_put_left(struct json_text *text, const struct view_row *row, unsigned field);

#endif
