/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/cli/vt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define CELL	 5 /* bytes of a character and its end */
#define ARGS_MAX 8

struct vt {
	int rows, columns, row, column, top, bottom; /* top to bottom scrolls */
	char *cells;
	bool wrap; /* the next character begins a new line */
	bool coloured;
	/* a sequence or character that is not complete */
	char sequence[64];
	size_t len;
	int args[ARGS_MAX], count;
};

static char *
cell(const struct vt *vt, int row, int column)
{
	return vt->cells + CELL * (row * vt->columns + column);
}

static void
blank(struct vt *vt, int row, int from, int to)
{
	for (; from < to; from++)
		strcpy(cell(vt, row, from), " ");
}

struct vt *
vt_new(int rows, int columns)
{
	struct vt *vt = calloc(1, sizeof(*vt));

	if (!vt)
		abort();
	vt_resize(vt, rows, columns);
	return vt;
}

/* What was there goes: whoever draws on it draws all anew. */
void
vt_resize(struct vt *vt, int rows, int columns)
{
	int row;

	free(vt->cells);
	vt->cells = calloc((size_t)(rows * columns), CELL);
	if (!vt->cells)
		abort();
	vt->rows = rows;
	vt->columns = columns;
	vt->row = vt->column = vt->top = 0;
	vt->bottom = rows - 1;
	vt->wrap = false;
	for (row = 0; row < rows; row++)
		blank(vt, row, 0, columns);
}

/* Moves the lines between the margins up by one, or down. */
static void
scroll(struct vt *vt, int from, bool up)
{
	size_t line = (size_t)(CELL * vt->columns), lines = (size_t)(vt->bottom - from);

	if (up)
		memmove(cell(vt, from, 0), cell(vt, from + 1, 0), line * lines);
	else
		memmove(cell(vt, from + 1, 0), cell(vt, from, 0), line * lines);
	blank(vt, up ? vt->bottom : from, 0, vt->columns);
}

static void
line_feed(struct vt *vt)
{
	if (vt->row == vt->bottom)
		scroll(vt, vt->top, true);
	else if (vt->row < vt->rows - 1)
		vt->row++;
}

static void
show(struct vt *vt, const char *character)
{
	wchar_t code = 0;
	mbstate_t state = {0};
	int wide = mbrtowc(&code, character, strlen(character), &state) <= 4 ? wcwidth(code) : 1;

	if (wide < 1)
		wide = 1;
	if (vt->wrap || vt->column + wide > vt->columns) {
		vt->column = 0;
		line_feed(vt);
		vt->wrap = false;
	}
	snprintf(cell(vt, vt->row, vt->column), CELL, "%s", character);
	if (wide == 2)
		*cell(vt, vt->row, vt->column + 1) = '\0';
	vt->column += wide;
	vt->wrap = vt->column >= vt->columns;
	if (vt->wrap)
		vt->column = vt->columns - 1;
}

static int
arg(const struct vt *vt, int i, int missing)
{
	return i < vt->count && vt->args[i] > 0 ? vt->args[i] : missing;
}

static int
within(int n, int max)
{
	return n < 0 ? 0 : n > max ? max : n;
}

static void
move(struct vt *vt, int row, int column)
{
	vt->row = within(row, vt->rows - 1);
	vt->column = within(column, vt->columns - 1);
	vt->wrap = false;
}

/* Inserts blanks at the cursor, or takes characters away. */
static void
shift(struct vt *vt, int n, bool insert)
{
	int rest = vt->columns - vt->column;
	size_t kept;

	n = within(n, rest);
	kept = (size_t)(CELL * (rest - n));
	if (insert) {
		memmove(cell(vt, vt->row, vt->column) + CELL * n, cell(vt, vt->row, vt->column),
			kept);
		blank(vt, vt->row, vt->column, vt->column + n);
	} else {
		memmove(cell(vt, vt->row, vt->column), cell(vt, vt->row, vt->column) + CELL * n,
			kept);
		blank(vt, vt->row, vt->columns - n, vt->columns);
	}
}

static void
erase_display(struct vt *vt)
{
	int mode = vt->count > 0 ? vt->args[0] : 0, row;

	if (mode == 0)
		blank(vt, vt->row, vt->column, vt->columns);
	if (mode == 1)
		blank(vt, vt->row, 0, vt->column + 1);
	for (row = 0; row < vt->rows; row++)
		if (mode == 2 || (mode == 0 && row > vt->row) || (mode == 1 && row < vt->row))
			blank(vt, row, 0, vt->columns);
}

static void
control(struct vt *vt, char final)
{
	char unknown[3] = {'?', final, '\0'};
	int n = arg(vt, 0, 1);

	switch (final) {
	case 'H':
	case 'f':
		move(vt, n - 1, arg(vt, 1, 1) - 1);
		break;
	case 'A':
		move(vt, vt->row - n, vt->column);
		break;
	case 'B':
		move(vt, vt->row + n, vt->column);
		break;
	case 'C':
		move(vt, vt->row, vt->column + n);
		break;
	case 'D':
		move(vt, vt->row, vt->column - n);
		break;
	case 'G':
		move(vt, vt->row, n - 1);
		break;
	case 'd':
		move(vt, n - 1, vt->column);
		break;
	case 'J':
		erase_display(vt);
		break;
	case 'K':
		n = vt->count > 0 ? vt->args[0] : 0;
		blank(vt, vt->row, n == 0 ? vt->column : 0, n == 1 ? vt->column + 1 : vt->columns);
		break;
	case 'X':
		blank(vt, vt->row, vt->column, within(vt->column + n, vt->columns));
		break;
	case '@':
	case 'P':
		shift(vt, n, final == '@');
		break;
	case 'L':
	case 'M':
		while (n-- > 0 && vt->row < vt->bottom)
			scroll(vt, vt->row, final == 'M');
		break;
	case 'r':
		vt->top = n - 1;
		vt->bottom = arg(vt, 1, vt->rows) - 1;
		move(vt, 0, 0);
		break;
	case 'm':
		for (n = 0; n < vt->count; n++)
			vt->coloured = vt->coloured || (vt->args[n] >= 30 && vt->args[n] <= 37);
		break;
	case 'h':
	case 'l':
	case 'c':
		break;
	default:
		show(vt, unknown);
	}
}

/* ESC [ ? 1 ; 2 m */
static void
take_control(struct vt *vt)
{
	const char *s = vt->sequence + 2;

	vt->count = 0;
	memset(vt->args, 0, sizeof(vt->args));
	while (*s == '?' || *s == '>')
		s++;
	while (*s == ';' || (*s >= '0' && *s <= '9')) {
		if (vt->count < ARGS_MAX)
			vt->args[vt->count++] = (int)strtol(s, (char **)&s, 10);
		else
			strtol(s, (char **)&s, 10);
		if (*s == ';')
			s++;
	}
	control(vt, *s);
}

/* Is what is gathered a whole sequence? */
static bool
is_whole(const struct vt *vt)
{
	char kind = vt->sequence[1], last = vt->sequence[vt->len - 1];

	if (vt->len < 2)
		return false;
	if (kind == '[')
		return vt->len > 2 && last >= '@' && last <= '~';
	if (kind == ']')
		return last == '\a';
	return strchr("()%#", kind) ? vt->len == 3 : true;
}

static void
take_escape(struct vt *vt, char c)
{
	vt->sequence[vt->len++] = c;
	vt->sequence[vt->len] = '\0';
	if (!is_whole(vt) && vt->len + 1 < sizeof(vt->sequence))
		return;
	if (vt->sequence[1] == '[')
		take_control(vt);
	else if (vt->sequence[1] == 'M' && vt->row == vt->top)
		scroll(vt, vt->top, false);
	else if (vt->sequence[1] == 'M')
		vt->row--;
	vt->len = 0;
}

static void
take_character(struct vt *vt, char c)
{
	unsigned char first;
	size_t want;

	vt->sequence[vt->len++] = c;
	vt->sequence[vt->len] = '\0';
	first = (unsigned char)vt->sequence[0];
	want = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (vt->len < want)
		return;
	show(vt, vt->sequence);
	vt->len = 0;
}

void
vt_feed(struct vt *vt, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = bytes[i];

		if (vt->len > 0 ? vt->sequence[0] == '\033' : c == '\033')
			take_escape(vt, c);
		else if (c == '\r')
			move(vt, vt->row, 0);
		else if (c == '\n')
			line_feed(vt);
		else if (c == '\b')
			move(vt, vt->row, vt->column - 1);
		else if (c == '\t')
			move(vt, vt->row, (vt->column / 8 + 1) * 8);
		else if ((unsigned char)c >= ' ')
			take_character(vt, c);
	}
}

void
vt_print(const struct vt *vt, FILE *out)
{
	int row, column, end;

	for (row = 0; row < vt->rows; row++) {
		for (end = vt->columns; end > 0 && strcmp(cell(vt, row, end - 1), " ") == 0; end--)
			;
		for (column = 0; column < end; column++)
			fputs(cell(vt, row, column), out);
		fputc('\n', out);
	}
}

bool
vt_shows(const struct vt *vt, const char *text)
{
	char *line = calloc((size_t)vt->columns + 1, CELL);
	bool shown = false;
	int row, column;

	for (row = 0; line && row < vt->rows && !shown; row++) {
		*line = '\0';
		for (column = 0; column < vt->columns; column++)
			strcat(line, cell(vt, row, column));
		shown = strstr(line, text) != NULL;
	}
	free(line);
	return shown;
}

bool
vt_is_coloured(const struct vt *vt)
{
	return vt->coloured;
}
