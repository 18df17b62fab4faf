/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/view_priv.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"

/* --- what is in a row ---------------------------------------------------------------------- */

int64_t
view_number(const struct view_row *row, unsigned field, int64_t none)
{
	const char *value = row->values[field];

	return value != NULL ? strtoll(value, NULL, 10) : none;
}

bool
view_add_text(struct json_text *text, const char *value)
{
	if (value == NULL)
		return false;
	json_text_string(text, value);
	return true;
}

bool
view_add_int(struct json_text *text, int64_t value)
{
	json_text_int(text, value);
	return true;
}

static bool
add_bool(struct json_text *text, bool value)
{
	if (value)
		json_text_add(text, "true", 4);
	else
		json_text_add(text, "false", 5);
	return true;
}

/* --- kinds of values ------------------------------------------------------------------------ */

bool
view_put_text(struct json_text *text, const struct view_row *row, unsigned field)
{
	return view_add_text(text, row->values[field]);
}

/* 0 when it is not set. */
bool
view_put_int(struct json_text *text, const struct view_row *row, unsigned field)
{
	return view_add_int(text, view_number(row, field, 0));
}

/* Is it "1"? */
bool
view_put_flag(struct json_text *text, const struct view_row *row, unsigned field)
{
	const char *value = row->values[field];

	return add_bool(text, value != NULL && strcmp(value, "1") == 0);
}

bool
view_put_is_set(struct json_text *text, const struct view_row *row, unsigned field)
{
	return add_bool(text, row->values[field] != NULL);
}

/* ms since a time, or 0. */
bool
view_put_age(struct json_text *text, const struct view_row *row, unsigned field)
{
	int64_t age = row->now - view_number(row, field, row->now);

	return view_add_int(text, age > 0 ? age : 0);
}

/* ms until a time that is to come, else 0. */
bool
view_put_left(struct json_text *text, const struct view_row *row, unsigned field)
{
	int64_t left = view_number(row, field, 0) - row->now;

	return view_add_int(text, left > 0 ? left : 0);
}

/* --- what is wanted --------------------------------------------------------------------------- */

static const char *
key_name(const void *table, size_t i)
{
	return ((const struct view_key *)table)[i].name;
}

bool
view_pick(const struct view *view, const char *keys, uint32_t *wanted, struct err *err)
{
	const char *near;
	char word[64];
	size_t len, i;

	*wanted = 0;
	for (; *keys != '\0'; keys += len + (keys[len] == ',')) {
		len = strcspn(keys, ",");
		text_printable(word, sizeof(word), keys, len);
		for (i = 0; i < view->key_count && strcmp(view->keys[i].name, word) != 0; i++)
			;
		if (i == view->key_count) {
			near = text_nearest(word, key_name, view->keys, view->key_count);
			err_set(err, "%ss have no '%s'%s%s%s", view->kind, word,
				near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
			return false;
		}
		*wanted |= VIEW_F(i);
	}
	if (*wanted == 0)
		*wanted = VIEW_ALL;
	return true;
}

uint32_t
view_reads(const struct view *view, uint32_t wanted, const struct view_filter *filter, bool *more)
{
	uint32_t reads = view->always;
	size_t i;

	*more = false;
	for (i = 0; i < view->key_count; i++) {
		if ((wanted & VIEW_F(i)) == 0)
			continue;
		reads |= view->keys[i].needs;
		*more = *more || view->keys[i].more;
	}
	if (filter != NULL && view->filter_needs != NULL)
		reads |= view->filter_needs(filter);
	return reads;
}

const char *
view_kind(const struct view *view)
{
	return view->kind;
}

const char *
view_field(const struct view *view, unsigned field)
{
	return view->fields[field];
}

/* --- rows ------------------------------------------------------------------------------------- */

bool
view_passes(const struct view *view, const struct view_filter *filter, const struct view_row *row)
{
	return row->values[0] != NULL && (view->passes == NULL || view->passes(filter, row));
}

void
view_add(const struct view *view, uint32_t wanted, const struct view_row *row,
	 struct json_text *text)
{
	const struct view_key *key;
	size_t i, start, n = 0;

	json_text_add(text, "{", 1);
	for (i = 0; i < view->key_count; i++) {
		key = &view->keys[i];
		if ((wanted & VIEW_F(i)) == 0)
			continue;
		start = text->len;
		if (n > 0)
			json_text_add(text, ",", 1);
		json_text_string(text, key->name);
		json_text_add(text, ":", 1);
		if (key->put(text, row, key->field))
			n++;
		else
			text->len = start;
	}
	json_text_add(text, "}", 1);
}

const char *
view_one_script(const struct view *view)
{
	return view->script;
}

json_t *
view_one_args(const struct view *view, const char *name)
{
	json_t *fields = json_array();
	size_t i;

	for (i = 0; view->fields[i] != NULL; i++)
		json_array_append_new(fields, json_string(view->fields[i]));
	return json_pack("{s:s, s:o}", view->kind, name, "fields", fields);
}

json_t *
view_one(const struct view *view, const json_t *reply)
{
	const json_t *fields = json_object_get(reply, "fields");
	const json_t *memberships = json_object_get(reply, "memberships");
	const json_t *rank = json_object_get(reply, "rank");
	struct view_row row = {.rank = json_is_integer(rank) ? json_integer_value(rank) : -1,
			       .more_count = json_array_size(memberships),
			       .now = (int64_t)json_number_value(json_object_get(reply, "now"))};
	const char **more = mem_zero((row.more_count + 1) * sizeof(*more));
	struct json_text text = {0};
	json_t *object;
	size_t i;

	for (i = 0; i < json_array_size(fields) && i < VIEW_FIELDS_MAX; i++)
		row.values[i] = json_string_value(json_array_get(fields, i));
	for (i = 0; i < row.more_count; i++)
		more[i] = json_string_value(json_array_get(memberships, i));
	row.more = more;
	view_add(view, VIEW_ALL, &row, &text);
	object = json_loadb(text.data, text.len, 0, NULL);
	if (json_object_get(reply, "why") != NULL)
		json_object_set(object, "why", json_object_get(reply, "why"));
	free(text.data);
	free((void *)more);
	return object;
}
