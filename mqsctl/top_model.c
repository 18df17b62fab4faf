/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/client.h"
#include "lib/mem.h"
#include "mqsctl/api.h"
#include "mqsctl/render.h"
#include "mqsctl/top_priv.h"

static void
set(char **text, const char *to)
{
	char *copy = to ? mem_dup(to) : NULL;

	free(*text);
	*text = copy;
}

char *
top_fill(const char *text, const char *name)
{
	const char *at = strstr(text, "%s");

	return at ? mem_printf("%.*s%s%s", (int)(at - text), text, name, at + 2) : mem_dup(text);
}

/* --- rows ---------------------------------------------------------------------------------- */

static void
drop_cells(struct top_row *row)
{
	size_t i;

	for (i = 0; i < TOP_COLUMNS_MAX; i++)
		free(row->cells[i]);
}

static void
drop_rows(struct top_model *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		drop_cells(&m->rows[i]);
	free(m->rows);
	m->rows = NULL;
	m->count = 0;
}

static const char *
name_of(const struct top_model *m, size_t i)
{
	return render_string(m->rows[i].line, top_view_of(m)->name);
}

static bool
passes(const struct top_row *row, size_t columns, const char *filter)
{
	size_t i;

	if (!*filter)
		return true;
	for (i = 0; i < columns; i++)
		if (strcasestr(row->cells[i], filter))
			return true;
	return false;
}

static void
render_row(struct top_row *row, const struct top_view *view)
{
	char cell[OUTPUT_CELL_MAX];
	size_t i;

	for (i = 0; i < view->count; i++) {
		view->columns[i].render(row->line, view->columns[i].key, cell, sizeof(cell));
		row->cells[i] = mem_dup(cell);
	}
}

/* By the value if it is a number, else by what is shown; as they came where that is equal. */
static int
compare(const void *a, const void *b, void *arg)
{
	const struct top_row *x = a, *y = b;
	const struct top_place *place = arg;
	const struct column *column = &top_views[place->view].columns[place->sort];
	const json_t *vx = json_object_get(x->line, column->key);
	const json_t *vy = json_object_get(y->line, column->key);
	double nx = json_number_value(vx), ny = json_number_value(vy);
	int order;

	if (json_is_number(vx) || json_is_number(vy))
		order = nx < ny ? -1 : nx > ny;
	else
		order = strcasecmp(x->cells[place->sort], y->cells[place->sort]);
	if (place->descending)
		order = -order;
	return order != 0 ? order : x->index < y->index ? -1 : 1;
}

/* The line at hand stays at hand, wherever it has gone. */
static void
find_selected(struct top_model *m)
{
	size_t i;

	if (!m->place.selected)
		m->at = 0;
	for (i = 0; m->place.selected && i < m->count; i++)
		if (strcmp(name_of(m, i), m->place.selected) == 0) {
			m->at = i;
			return;
		}
	if (m->at >= m->count)
		m->at = m->count > 0 ? m->count - 1 : 0;
}

static void
build_rows(struct top_model *m)
{
	const struct top_view *view = top_view_of(m);
	const json_t *from = view->path ? m->list : m->status, *line;
	const json_t *list = json_object_get(from, view->list);
	size_t i;

	drop_rows(m);
	m->all = json_array_size(list);
	m->rows = mem_zero((m->all + 1) * sizeof(m->rows[0]));
	json_array_foreach((json_t *)list, i, line)
	{
		struct top_row *row = &m->rows[m->count];

		*row = (struct top_row){.line = line, .index = i};
		render_row(row, view);
		if (passes(row, view->count, m->place.filter))
			m->count++;
		else
			drop_cells(row);
	}
	qsort_r(m->rows, m->count, sizeof(m->rows[0]), compare, &m->place);
	find_selected(m);
}

/* --- what mqsd said ------------------------------------------------------------------------ */

static void
enter(struct top_model *m, enum top_view_id view)
{
	m->place = (struct top_place){.view = view,
				      .sort = top_views[view].sort,
				      .descending = top_views[view].descending};
	m->at = m->first = 0;
	json_decref(m->list);
	m->list = NULL;
	build_rows(m);
}

struct top_model *
top_model_new(void)
{
	struct top_model *m = mem_zero(sizeof(*m));

	enter(m, TOP_QUEUES);
	return m;
}

static void
leave(struct top_place *place)
{
	free(place->arg);
	free(place->selected);
	*place = (struct top_place){0};
}

void
top_model_free(struct top_model *m)
{
	drop_rows(m);
	leave(&m->place);
	while (m->depth > 0)
		leave(&m->stack[--m->depth]);
	json_decref(m->status);
	json_decref(m->list);
	free(m->trouble);
	free(m->message);
	free(m->act_name);
	free(m);
}

char *
top_model_path(const struct top_model *m)
{
	const struct top_view *view = top_view_of(m);
	char *escaped, *path;

	if (!view->path)
		return NULL;
	escaped = client_escape(m->place.arg ? m->place.arg : "");
	path = top_fill(view->path, escaped);
	free(escaped);
	if (!view->also)
		return path;
	escaped = api_fields(path, view->columns, view->count);
	free(path);
	path = mem_printf("%s,%s", escaped, view->also);
	free(escaped);
	return path;
}

void
top_model_take_status(struct top_model *m, json_t *status)
{
	/* Rows may point into the old one. */
	json_t *old = m->status;

	m->status = status;
	if (!top_view_of(m)->path)
		build_rows(m);
	json_decref(old);
}

void
top_model_take_list(struct top_model *m, json_t *reply)
{
	json_t *old = m->list;

	m->list = reply;
	build_rows(m);
	json_decref(old);
}

void
top_model_set_trouble(struct top_model *m, const char *text)
{
	set(&m->trouble, text);
}

void
top_model_tell(struct top_model *m, const char *text)
{
	set(&m->message, text);
}

/* --- keys ---------------------------------------------------------------------------------- */

static void
move(struct top_model *m, long by)
{
	long to = (long)m->at + by, last = m->count > 0 ? (long)m->count - 1 : 0;

	m->at = (size_t)(to < 0 ? 0 : to > last ? last : to);
	set(&m->place.selected, m->count > 0 ? name_of(m, m->at) : NULL);
}

/* Opens a view: of the line at hand, or narrowed to it. */
static enum top_wish
drill(struct top_model *m, int view)
{
	char *name;

	if (view < 0 || m->count == 0 || m->depth == TOP_DEPTH_MAX)
		return TOP_WISH_DRAW;
	name = mem_dup(name_of(m, m->at));
	set(&m->place.selected, name);
	m->stack[m->depth++] = m->place;
	enter(m, (enum top_view_id)view);
	if (view >= TOP_TABS)
		m->place.arg = mem_dup(name);
	else
		snprintf(m->place.filter, sizeof(m->place.filter), "%s", name);
	free(name);
	return TOP_WISH_ASK;
}

static enum top_wish
back(struct top_model *m)
{
	struct top_place to;

	if (m->depth == 0) {
		m->place.filter[0] = '\0';
		build_rows(m);
		return TOP_WISH_DRAW;
	}
	to = m->stack[--m->depth];
	leave(&m->place);
	enter(m, to.view);
	m->place = to;
	build_rows(m);
	return TOP_WISH_ASK;
}

static enum top_wish
open_tab(struct top_model *m, enum top_view_id view)
{
	leave(&m->place);
	while (m->depth > 0)
		leave(&m->stack[--m->depth]);
	enter(m, view);
	return TOP_WISH_ASK;
}

static void
sort_by(struct top_model *m, int step)
{
	size_t count = top_view_of(m)->count;

	m->place.sort = (m->place.sort + count + (size_t)(step + (int)count)) % count;
	build_rows(m);
}

static enum top_wish
key_in_filter(struct top_model *m, int key)
{
	char *filter = m->place.filter;
	size_t len = strlen(filter);
	unsigned char last;

	if (key == TOP_KEY_ENTER || key == TOP_KEY_ESCAPE) {
		if (key == TOP_KEY_ESCAPE)
			*filter = '\0';
		m->mode = TOP_LIST;
	} else if (key == TOP_KEY_BACK && len > 0) {
		/* A whole character, whatever its bytes. */
		do {
			last = (unsigned char)filter[--len];
			filter[len] = '\0';
		} while (len > 0 && (last & 0xc0) == 0x80);
	} else if (key >= ' ' && key < 256 && key != 127 && len + 1 < TOP_FILTER_MAX) {
		filter[len] = (char)key;
		filter[len + 1] = '\0';
	}
	build_rows(m);
	return TOP_WISH_DRAW;
}

static enum top_wish
key_in_confirm(struct top_model *m, int key)
{
	m->mode = TOP_LIST;
	if (key == 'y' || key == 'Y')
		return TOP_WISH_ACT;
	top_model_tell(m, "nothing was done");
	return TOP_WISH_DRAW;
}

static enum top_wish
act(struct top_model *m, int key)
{
	const json_t *line = m->count > 0 ? m->rows[m->at].line : NULL;

	m->act = top_act_find(m->place.view, key, line);
	if (!m->act)
		return TOP_WISH_DRAW;
	set(&m->act_name, name_of(m, m->at));
	m->mode = TOP_CONFIRM;
	return TOP_WISH_DRAW;
}

static enum top_wish
key_in_list(struct top_model *m, int key)
{
	long page = m->page > 1 ? (long)m->page - 1 : 1;

	switch (key) {
	case 'q':
		return TOP_WISH_QUIT;
	case TOP_KEY_UP:
	case 'k':
		move(m, -1);
		break;
	case TOP_KEY_DOWN:
	case 'j':
		move(m, 1);
		break;
	case TOP_KEY_PAGE_UP:
		move(m, -page);
		break;
	case TOP_KEY_PAGE_DOWN:
	case ' ':
		move(m, page);
		break;
	case TOP_KEY_HOME:
		move(m, -(long)m->count);
		break;
	case TOP_KEY_END:
		move(m, (long)m->count);
		break;
	case TOP_KEY_ENTER:
		return drill(m, top_view_of(m)->drill);
	case 'c':
		return drill(m, top_view_of(m)->calls);
	case TOP_KEY_BACK:
	case TOP_KEY_ESCAPE:
		return back(m);
	case TOP_KEY_TAB:
		return open_tab(m, m->place.view < TOP_TABS ? (m->place.view + 1) % TOP_TABS : 0);
	case '/':
		m->mode = TOP_FILTER;
		break;
	case '<':
	case '>':
		sort_by(m, key == '<' ? -1 : 1);
		break;
	case 'r':
		m->place.descending = !m->place.descending;
		build_rows(m);
		break;
	case '?':
		m->mode = TOP_HELP;
		break;
	default:
		if (key >= '1' && key < '1' + TOP_TABS)
			return open_tab(m, (enum top_view_id)(key - '1'));
		return act(m, key);
	}
	return TOP_WISH_DRAW;
}

enum top_wish
top_model_key(struct top_model *m, int key)
{
	top_model_tell(m, NULL);
	switch (m->mode) {
	case TOP_FILTER:
		return key_in_filter(m, key);
	case TOP_CONFIRM:
		return key_in_confirm(m, key);
	case TOP_HELP:
		m->mode = TOP_LIST;
		return TOP_WISH_DRAW;
	default:
		return key_in_list(m, key);
	}
}

const struct top_act *
top_model_act(const struct top_model *m, const char **name)
{
	*name = m->act_name;
	return m->act;
}
