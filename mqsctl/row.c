/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/row.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsctl/args.h"

static int
malformed(const struct row *row, const char *why, struct err *err)
{
	return err_set(err, "command row \"%s\": %s", row->command->syntax, why);
}

static int
open_group(struct row *row, struct err *err)
{
	if (row->group_count == ROW_GROUPS_MAX)
		return malformed(row, "too many optional parts", err);
	row->group[row->group_count++].first = row->count;
	return 0;
}

static bool
ends_with(const char *s, size_t len, const char *tail)
{
	return len >= strlen(tail) && memcmp(s + len - strlen(tail), tail, strlen(tail)) == 0;
}

static int
add_element(struct row *row, const char *s, size_t len, int group, struct err *err)
{
	struct element *e = &row->element[row->count];

	if (row->count == ROW_ELEMENTS_MAX)
		return malformed(row, "too long", err);
	*e = (struct element){.group = group};
	row->count++;
	if (s[0] != '<') {
		e->word = mem_dup_len(s, len);
		return 0;
	}
	if (ends_with(s, len, "...")) {
		e->rest = true;
		len -= 3;
	}
	if (!ends_with(s, len, ">"))
		return malformed(row, "'<' without '>'", err);
	e->kind = arg_kind_find(s + 1, len - 2);
	return e->kind ? 0 : malformed(row, "no such kind of placeholder", err);
}

/* One token between spaces: "[word", "<kind>]", "<kind>]...", "word". */
static int
add_token(struct row *row, const char *s, size_t len, bool *inside, struct err *err)
{
	bool close = false, repeat = false;

	if (*s == '[') {
		if (*inside)
			return malformed(row, "optional parts can't be nested", err);
		if (open_group(row, err) != 0)
			return -1;
		*inside = true;
		s++, len--;
	}
	if (ends_with(s, len, "]...")) {
		close = repeat = true;
		len -= 4;
	} else if (ends_with(s, len, "]")) {
		close = true;
		len--;
	}
	if (close && !*inside)
		return malformed(row, "']' without '['", err);
	if (len == 0 || add_element(row, s, len, *inside ? row->group_count - 1 : -1, err) != 0)
		return len == 0 ? malformed(row, "empty word", err) : -1;
	if (close) {
		row->group[row->group_count - 1].last = row->count - 1;
		row->group[row->group_count - 1].repeat = repeat;
		*inside = false;
	}
	return 0;
}

int
row_compile(struct row *row, const struct command *command, struct err *err)
{
	const char *s = command->syntax;
	bool inside = false;
	size_t len, i;

	*row = (struct row){.command = command};
	for (; *s; s += len) {
		s += strspn(s, " ");
		len = strcspn(s, " ");
		if (len > 0 && add_token(row, s, len, &inside, err) != 0)
			return -1;
	}
	if (inside)
		return malformed(row, "'[' without ']'", err);
	if (row->count == 0 || !row->element[0].word || row->element[0].group >= 0)
		return malformed(row, "must begin with a word", err);
	for (i = 0; i + 1 < row->count; i++)
		if (row->element[i].rest)
			return malformed(row, "nothing can follow the rest of the line", err);
	return 0;
}

void
row_clear(struct row *row)
{
	size_t i;

	for (i = 0; i < row->count; i++)
		free(row->element[i].word);
	row->count = 0;
}

size_t
row_next(const struct row *row, const struct place *place, size_t next[], bool *may_end)
{
	size_t at = place->at, n = 0;
	int group;

	*may_end = false;
	if (place->resting) {
		next[n++] = at;
		*may_end = true;
		return n;
	}
	for (; at < row->count; at = row->group[group].last + 1) {
		group = row->element[at].group;
		if (group < 0 || at != row->group[group].first) {
			next[n++] = at;
			return n;
		}
		if (row->group[group].repeat || !(place->used & 1U << group))
			next[n++] = at;
	}
	*may_end = true;
	return n;
}

void
row_step(const struct row *row, struct place *place, size_t element)
{
	int group = row->element[element].group;

	if (row->element[element].rest) {
		place->at = element;
		place->resting = true;
		return;
	}
	place->at = element + 1;
	if (group < 0 || element != row->group[group].last)
		return;
	/* Neighbouring optional parts may come in any order: back to the first of them. */
	place->used |= 1U << group;
	while (group > 0 && row->group[group - 1].last + 1 == row->group[group].first)
		group--;
	place->at = row->group[group].first;
}
