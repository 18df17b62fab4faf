/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/output.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "lib/mem.h"
#include "lib/text.h"

#define GAP	   2
#define NARROW_MIN 8 /* a flexible column keeps at least so much */

static const char ellipsis[] = "\xe2\x80\xa6";

/* --- width --------------------------------------------------------------------------------- */

size_t
output_width(FILE *out)
{
	struct winsize size;
	int fd = fileno(out);

	/* A text in memory is on its way to the pager or the screen. */
	if (fd < 0)
		fd = STDOUT_FILENO;
	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

/* Columns of the UTF-8 character at s, n bytes long. */
static size_t
character_columns(const char *s, size_t n)
{
	int columns = wcwidth((wchar_t)text_code(s, n));

	/* Unknown to this locale: one column is the best guess. */
	return columns < 0 ? 1 : (size_t)columns;
}

/* Bytes of s that fit into `columns`; *used is how many they take. */
static size_t
fitting(const char *s, size_t columns, size_t *used)
{
	size_t len = strlen(s), at = 0, n, wide;

	*used = 0;
	while (at < len) {
		n = text_utf8_len(s + at, len - at);
		wide = n > 0 ? character_columns(s + at, n) : 1;
		if (*used + wide > columns)
			break;
		*used += wide;
		at += n > 0 ? n : 1;
	}
	return at;
}

size_t
output_columns(const char *text)
{
	size_t used = 0;

	while (text[used] >= ' ' && text[used] <= '~')
		used++;
	if (text[used] == '\0')
		return used;
	fitting(text, strlen(text) * 2, &used);
	return used;
}

char *
output_cut(const char *text, size_t columns)
{
	size_t used;

	if (output_columns(text) <= columns)
		return mem_dup(text);
	if (columns == 0)
		return mem_dup("");
	return mem_printf("%.*s%s", (int)fitting(text, columns - 1, &used), text, ellipsis);
}

size_t
output_printable(char *out, size_t size, const char *in, size_t len)
{
	const char *next, *end = in + len;
	size_t n = 0;

	for (; in < end && n + 1 < size; in = next) {
		next = memchr(in, '\\', (size_t)(end - in));
		n += text_printable(out + n, size - n, in, (size_t)((next ? next : end) - in));
		if (!next)
			return n;
		if (n + 1 < size)
			out[n++] = '\\';
		next++;
	}
	out[n] = '\0';
	return n;
}

char *
output_printable_dup(const char *in)
{
	size_t len = strlen(in), size = 4 * len + 5;
	char *out = mem_alloc(size);

	output_printable(out, size, in, len);
	return out;
}

/* --- tables -------------------------------------------------------------------------------- */

struct cell {
	size_t at; /* in the table's texts */
	size_t columns;
};

struct table {
	FILE *out;
	const struct column **columns;
	size_t count;	    /* of them are shown */
	struct cell *cells; /* `all` a row */
	size_t all, rows, room;
	char *texts; /* a NUL behind each */
	size_t len, cap;
	size_t *widths, *natural; /* of each column, and as wide as it would be */
};

static void
add_cell(struct table *t, struct cell *cell, const char *text)
{
	size_t size = strlen(text) + 1;

	if (t->len + size > t->cap) {
		t->cap = 2 * (t->len + size);
		t->texts = mem_grow(t->texts, t->cap, 1);
	}
	memcpy(t->texts + t->len, text, size);
	*cell = (struct cell){t->len, output_columns(text)};
	t->len += size;
}

struct table *
table_new(const struct column *columns, size_t count)
{
	struct table *t = mem_zero(sizeof(*t));
	size_t i;

	t->columns = mem_zero(count * sizeof(t->columns[0]));
	for (i = 0; i < count; i++)
		if (columns[i].kind != COLUMN_HIDDEN)
			t->columns[t->all++] = &columns[i];
	t->count = t->all;
	t->widths = mem_zero(t->all * sizeof(t->widths[0]));
	t->natural = mem_zero(t->all * sizeof(t->natural[0]));
	for (i = 0; i < t->all; i++)
		t->natural[i] = output_columns(t->columns[i]->title);
	return t;
}

void
table_free(struct table *t)
{
	free(t->cells);
	free(t->texts);
	free(t->columns);
	free(t->widths);
	free(t->natural);
	free(t);
}

void
table_add(struct table *t, const json_t *object)
{
	char text[OUTPUT_CELL_MAX];
	struct cell *cell;
	size_t i;

	if (t->rows == t->room) {
		t->room = 2 * t->room + 16;
		t->cells = mem_grow(t->cells, t->room * t->all, sizeof(t->cells[0]));
	}
	cell = &t->cells[t->rows++ * t->all];
	for (i = 0; i < t->all; i++, cell++) {
		t->columns[i]->render(object, t->columns[i]->key, text, sizeof(text));
		add_cell(t, cell, text);
		if (cell->columns > t->natural[i])
			t->natural[i] = cell->columns;
	}
}

size_t
table_rows(const struct table *t)
{
	return t->rows;
}

static size_t
total_width(const struct table *t)
{
	size_t i, total = (t->count - 1) * GAP;

	for (i = 0; i < t->count; i++)
		total += t->widths[i];
	return total;
}

/* Takes a column at a time from the widest flexible one until the line fits, or none can give. */
static bool
narrow(struct table *t, size_t width)
{
	size_t i, total = total_width(t), *widest;

	while (total > width) {
		widest = NULL;
		for (i = 0; i < t->count; i++)
			if (t->columns[i]->kind == COLUMN_FLEXIBLE && t->widths[i] > NARROW_MIN &&
			    (!widest || t->widths[i] > *widest))
				widest = &t->widths[i];
		if (!widest)
			return false;
		--*widest;
		total--;
	}
	return true;
}

/* The last columns are left out while the others have no room; the first one stays. */
static void
fit(struct table *t, size_t width)
{
	while (!narrow(t, width) && t->count > 1) {
		t->count--;
		memcpy(t->widths, t->natural, t->all * sizeof(t->widths[0]));
	}
	if (t->widths[0] > width)
		t->widths[0] = width;
}

static void
pad(FILE *out, size_t columns)
{
	while (columns-- > 0)
		putc_unlocked(' ', out);
}

/* columns: that the text takes. */
static void
print_cell(const struct table *t, size_t i, const char *text, size_t columns)
{
	char *cut = columns > t->widths[i] ? output_cut(text, t->widths[i]) : NULL;
	size_t left;

	if (cut)
		columns = output_columns(cut);
	left = t->widths[i] > columns ? t->widths[i] - columns : 0;
	if (t->columns[i]->kind == COLUMN_RIGHT)
		pad(t->out, left);
	fputs_unlocked(cut ? cut : text, t->out);
	if (i + 1 == t->count) {
		putc_unlocked('\n', t->out);
	} else {
		if (t->columns[i]->kind != COLUMN_RIGHT)
			pad(t->out, left);
		pad(t->out, GAP);
	}
	free(cut);
}

static void
say_left_out(const struct table *t)
{
	size_t i;

	fputs("no room for", t->out);
	for (i = t->count; i < t->all; i++)
		fprintf(t->out, "%s %s", i > t->count ? "," : "", t->columns[i]->title);
	fputc('\n', t->out);
}

void
table_show(struct table *t, FILE *out, size_t width)
{
	const struct cell *cell;
	size_t row, i;

	t->out = out;
	memcpy(t->widths, t->natural, t->all * sizeof(t->widths[0]));
	if (width > 0)
		fit(t, width);
	for (i = 0; i < t->count; i++)
		print_cell(t, i, t->columns[i]->title, output_columns(t->columns[i]->title));
	for (row = 0; row < t->rows; row++)
		for (i = 0; i < t->count; i++) {
			cell = &t->cells[row * t->all + i];
			print_cell(t, i, t->texts + cell->at, cell->columns);
		}
	if (t->count < t->all)
		say_left_out(t);
}

void
output_table(FILE *out, size_t width, const struct column *columns, size_t count,
	     const json_t *objects)
{
	struct table *t = table_new(columns, count);
	const json_t *object;
	size_t row;

	json_array_foreach(objects, row, object) table_add(t, object);
	table_show(t, out, width);
	table_free(t);
}

void
output_object(FILE *out, const struct column *columns, size_t count, const json_t *object)
{
	char cell[OUTPUT_CELL_MAX];
	size_t i, widest = 0;

	for (i = 0; i < count; i++)
		if (output_columns(columns[i].title) > widest)
			widest = output_columns(columns[i].title);
	for (i = 0; i < count; i++) {
		columns[i].render(object, columns[i].key, cell, sizeof(cell));
		if (strcmp(cell, "-") != 0 && *cell)
			fprintf(out, "%-*s  %s\n", (int)widest, columns[i].title, cell);
	}
}

/* --- JSON ---------------------------------------------------------------------------------- */

/* jansson escapes C0 only; the rest reaches a terminal as commands too. It occurs in strings only.
 */
static void
print_json(FILE *out, const json_t *json, size_t flags)
{
	char *text = json_dumps(json, flags | JSON_ENCODE_ANY), *s = text;
	char *end = text ? text + strlen(text) : NULL;
	size_t n;

	while (s < end) {
		for (n = 0; (unsigned char)s[n] < 0x7f && s + n < end; n++)
			;
		fwrite_unlocked(s, 1, n, out);
		s += n;
		if (s == end)
			break;
		n = text_utf8_len(s, (size_t)(end - s));
		if (n > 0 && text_is_control(s, n))
			fprintf(out, "\\u%04x", (unsigned)text_code(s, n));
		else
			fwrite_unlocked(s, 1, n > 0 ? n : 1, out);
		s += n > 0 ? n : 1;
	}
	fputc('\n', out);
	free(text);
}

void
output_json(FILE *out, const json_t *json)
{
	json_t *versioned = json_pack("{s:i}", "json_version", OUTPUT_JSON_VERSION);

	json_object_update(versioned, (json_t *)json);
	print_json(out, versioned, JSON_INDENT(2));
	json_decref(versioned);
}

void
output_json_line(FILE *out, const json_t *json)
{
	print_json(out, json, JSON_COMPACT);
}
