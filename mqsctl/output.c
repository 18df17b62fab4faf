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
#define NARROW_MIN 6 /* a flexible column keeps at least so much */

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
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	wchar_t code = (unsigned char)s[0] & lead[n];
	size_t i;
	int columns;

	for (i = 1; i < n; i++)
		code = (wchar_t)(code << 6 | ((unsigned char)s[i] & 0x3f));
	columns = wcwidth(code);
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
	const struct column *columns;
	size_t count;
	struct cell *cells; /* count a row */
	size_t rows;
	char *texts; /* a NUL behind each */
	size_t len, cap;
	size_t *widths;
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

static void
fill(struct table *t, const json_t *objects)
{
	char text[OUTPUT_CELL_MAX];
	const json_t *object;
	struct cell *cell;
	size_t row, i;

	t->rows = json_array_size(objects);
	t->cells = mem_alloc((t->rows + 1) * t->count * sizeof(t->cells[0]));
	t->widths = mem_zero(t->count * sizeof(t->widths[0]));
	for (i = 0; i < t->count; i++)
		t->widths[i] = output_columns(t->columns[i].title);
	cell = t->cells;
	json_array_foreach(objects, row, object) for (i = 0; i < t->count; i++, cell++)
	{
		t->columns[i].render(object, t->columns[i].key, text, sizeof(text));
		add_cell(t, cell, text);
		if (cell->columns > t->widths[i])
			t->widths[i] = cell->columns;
	}
}

static size_t
total_width(const struct table *t)
{
	size_t i, total = (t->count - 1) * GAP;

	for (i = 0; i < t->count; i++)
		total += t->widths[i];
	return total;
}

/* Takes a column at a time from the widest flexible one until the line fits or none can give. */
static void
narrow(struct table *t, size_t width)
{
	size_t i, total = total_width(t), *widest;

	while (total > width) {
		widest = NULL;
		for (i = 0; i < t->count; i++)
			if (t->columns[i].kind == COLUMN_FLEXIBLE && t->widths[i] > NARROW_MIN &&
			    (!widest || t->widths[i] > *widest))
				widest = &t->widths[i];
		if (!widest)
			return;
		--*widest;
		total--;
	}
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
	if (t->columns[i].kind == COLUMN_RIGHT)
		pad(t->out, left);
	fputs_unlocked(cut ? cut : text, t->out);
	if (i + 1 == t->count) {
		putc_unlocked('\n', t->out);
	} else {
		if (t->columns[i].kind != COLUMN_RIGHT)
			pad(t->out, left);
		pad(t->out, GAP);
	}
	free(cut);
}

void
output_table(FILE *out, size_t width, const struct column *columns, size_t count,
	     const json_t *objects)
{
	struct table t = {.out = out, .columns = columns, .count = count};
	const struct cell *cell;
	size_t row, i;

	fill(&t, objects);
	if (width > 0)
		narrow(&t, width);
	for (i = 0; i < count; i++)
		print_cell(&t, i, columns[i].title, output_columns(columns[i].title));
	cell = t.cells;
	for (row = 0; row < t.rows; row++)
		for (i = 0; i < count; i++, cell++)
			print_cell(&t, i, t.texts + cell->at, cell->columns);
	free(t.cells);
	free(t.texts);
	free(t.widths);
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

/* jansson escapes C0 only; DEL and C1 reach a terminal as commands too. They occur in strings only.
 */
static void
print_json(FILE *out, const json_t *json, size_t flags)
{
	char *text = json_dumps(json, flags | JSON_ENCODE_ANY);
	const unsigned char *s = (const unsigned char *)text;

	for (; s && *s; s++) {
		if (*s == 0x7f)
			fputs("\\u007f", out);
		else if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0)
			fprintf(out, "\\u%04x", *++s);
		else
			fputc(*s, out);
	}
	fputc('\n', out);
	free(text);
}

void
output_json(FILE *out, const json_t *json)
{
	print_json(out, json, JSON_INDENT(2));
}

void
output_json_line(FILE *out, const json_t *json)
{
	print_json(out, json, JSON_COMPACT);
}
