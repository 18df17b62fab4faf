/* SPDX-License-Identifier: BSD-2-Clause */

/* How `top` looks: the lines of a screen of any size. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/say.h"
#include "mqsctl/render.h"
#include "mqsctl/top_priv.h"

#define GAP	     2
#define NARROW_MIN   6 /* a flexible column keeps at least so much */
#define LINE_MAX     1024
#define TABS_COLUMNS 72 /* below, only the view at hand is named */

/* Being filled from the top; what is longer than the screen is cut. */
struct page {
	struct top_line *lines;
	size_t rows, columns, used;
};

static void
put(struct page *page, enum top_style style, const char *text)
{
	if (page->used == page->rows)
		return;
	page->lines[page->used].text = output_cut(text, page->columns);
	page->lines[page->used++].style = style;
}

/* --- the head ------------------------------------------------------------------------------ */

static void
put_verdict(struct page *page, const struct top_model *m)
{
	const json_t *worst = json_array_get(json_object_get(m->status, "problems"), 0);
	char text[LINE_MAX];

	if (m->trouble)
		snprintf(text, sizeof(text), "%s", m->trouble);
	else if (!m->status)
		snprintf(text, sizeof(text), "asking mqsd");
	else
		output_printable(text, sizeof(text), render_string(m->status, "verdict"),
				 strlen(render_string(m->status, "verdict")));
	put(page,
	    m->trouble || strcmp(render_string(worst, "severity"), "critical") == 0 ? TOP_ALARM
	    : worst								    ? TOP_WARNING
										    : TOP_BOLD,
	    text);
}

static void
put_instance(struct page *page, const struct top_model *m)
{
	const json_t *nodes = json_object_get(m->status, "nodes");
	char text[LINE_MAX], age[SAY_MAX];

	snprintf(text, sizeof(text),
		 "%s is %s, up %s; %" PRId64 " of %" PRId64 " nodes up, redis %s, pool %s %s",
		 render_string(m->status, "instance"), render_string(m->status, "status"),
		 say_age(1000 * render_integer(m->status, "uptime_s"), age),
		 render_integer(nodes, "up"), render_integer(nodes, "total"),
		 render_string(json_object_get(m->status, "redis"), "state"),
		 render_string(json_object_get(m->status, "pool"), "name"),
		 render_string(json_object_get(m->status, "pool"), "state"));
	put(page, TOP_PLAIN, m->status ? text : "");
}

/* " 12 word" behind a line, numbers as people read them. */
static void
add_count(char *line, size_t size, const json_t *object, const char *key, const char *word)
{
	size_t len = strlen(line);
	char count[SAY_MAX];

	snprintf(line + len, size - len, "  %s %s", say_count(render_integer(object, key), count),
		 word);
}

/* How many, and those there are by reason. */
static void
add_drops(char *line, size_t size, const json_t *drops)
{
	size_t len = strlen(line);
	int64_t all = 0;
	const char *reason;
	char count[SAY_MAX];
	const json_t *n;

	json_object_foreach((json_t *)drops, reason, n) all += json_integer_value(n);
	snprintf(line + len, size - len, "  %s dropped", say_count(all, count));
	json_object_foreach((json_t *)drops, reason, n) if (json_integer_value(n) > 0)
		add_count(line, size, drops, reason, reason);
}

static void
put_calls(struct page *page, const struct top_model *m)
{
	const json_t *totals = json_object_get(m->status, "totals");
	const json_t *drops = json_object_get(totals, "drops");
	char text[LINE_MAX] = "calls ", longest[32];
	size_t len;

	if (!totals) {
		put(page, TOP_PLAIN, m->status ? "calls   not known while Redis is away" : "");
		return;
	}
	render_ms(render_integer(m->status, "longest_wait_ms"), longest, sizeof(longest));
	add_count(text, sizeof(text), totals, "waiting", "wait (longest ");
	len = strlen(text) - 1; /* over the blank */
	snprintf(text + len, sizeof(text) - len, " %s)", longest);
	add_count(text, sizeof(text), totals, "held", "held");
	add_count(text, sizeof(text), totals, "ringing", "ring");
	add_count(text, sizeof(text), totals, "talking", "talk");
	add_drops(text, sizeof(text), drops);
	put(page, TOP_PLAIN, text);
}

static void
put_agents(struct page *page, const struct top_model *m)
{
	static const char *const words[][2] = {{"idle", "idle"},
					       {"ringing", "ring"},
					       {"talking", "talk"},
					       {"wrapup", "wrap-up"},
					       {"logged_out", "out"},
					       {"paused", "paused"},
					       {"unreachable", "unreachable"}};
	const json_t *agents = json_object_get(json_object_get(m->status, "totals"), "agents");
	char text[LINE_MAX] = "agents";
	size_t i;

	for (i = 0; agents && i < sizeof(words) / sizeof(words[0]); i++)
		add_count(text, sizeof(text), agents, words[i][0], words[i][1]);
	put(page, TOP_PLAIN, agents ? text : "");
}

/* The views, the one at hand in brackets; how one came there, how much of it is shown. */
static void
put_tabs(struct page *page, const struct top_model *m)
{
	const struct top_view *view = top_view_of(m);
	char text[LINE_MAX] = "", count[SAY_MAX], all[SAY_MAX], *title;
	size_t len, i;

	title = top_fill(view->title, m->place.arg ? m->place.arg : "");
	for (i = 0; i < TOP_TABS && m->place.view < TOP_TABS && page->columns >= TABS_COLUMNS;
	     i++) {
		bool here = i == m->place.view;

		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s%zu %s%s", here ? "[" : " ", i + 1,
			 top_views[i].title, here ? "]" : " ");
	}
	if (!*text)
		snprintf(text, sizeof(text), "[%s]", title);
	free(title);
	len = strlen(text);
	if (*m->place.filter)
		snprintf(text + len, sizeof(text) - len, " /%s: %s of %s", m->place.filter,
			 say_count((int64_t)m->count, count), say_count((int64_t)m->all, all));
	else
		snprintf(text + len, sizeof(text) - len, " %s", say_count((int64_t)m->all, all));
	put(page, TOP_BOLD, text);
}

/* --- the table ----------------------------------------------------------------------------- */

struct widths {
	size_t width[TOP_COLUMNS_MAX], count;
};

/* Flexible columns give, the widest first; then the last ones are left out. */
static void
narrow(struct widths *w, const struct column *columns, size_t room)
{
	size_t total, i, widest;

	for (;;) {
		total = (w->count - 1) * GAP;
		widest = w->count;
		for (i = 0; i < w->count; i++) {
			total += w->width[i];
			if (columns[i].kind == COLUMN_FLEXIBLE && w->width[i] > NARROW_MIN &&
			    (widest == w->count || w->width[i] > w->width[widest]))
				widest = i;
		}
		if (total <= room || w->count == 1)
			return;
		if (widest < w->count)
			w->width[widest]--;
		else
			w->count--;
	}
}

static void
title_of(const struct top_model *m, size_t i, char *out, size_t size)
{
	const char *title = top_view_of(m)->columns[i].title;

	snprintf(out, size, "%s%s", title,
		 i != m->place.sort    ? ""
		 : m->place.descending ? " v"
				       : " ^");
}

static void
measure(const struct top_model *m, size_t room, struct widths *w)
{
	const struct top_view *view = top_view_of(m);
	char title[64];
	size_t i, row, columns;

	w->count = view->count;
	for (i = 0; i < view->count; i++) {
		title_of(m, i, title, sizeof(title));
		w->width[i] = output_columns(title);
		for (row = 0; row < m->count; row++) {
			columns = output_columns(m->rows[row].cells[i]);
			if (columns > w->width[i])
				w->width[i] = columns;
		}
	}
	narrow(w, view->columns, room);
}

static void
add_cell(char *line, size_t size, const struct column *column, size_t width, const char *cell)
{
	char *text = output_cut(cell, width);
	size_t len = strlen(line), used = output_columns(text);
	int pad = width > used ? (int)(width - used) : 0;

	if (column->kind == COLUMN_RIGHT)
		snprintf(line + len, size - len, "%*s%s  ", pad, "", text);
	else
		snprintf(line + len, size - len, "%s%*s  ", text, pad, "");
	free(text);
}

static void
put_row(struct page *page, enum top_style style, char *line)
{
	size_t len = strlen(line);

	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
	put(page, style, line);
}

static void
put_table(struct page *page, struct top_model *m, size_t rows)
{
	const struct top_view *view = top_view_of(m);
	const json_t *known = view->path ? m->list : m->status;
	char line[LINE_MAX] = " ", title[64];
	struct widths w;
	size_t i, k;

	measure(m, page->columns > 1 ? page->columns - 1 : 1, &w);
	for (k = 0; k < w.count; k++) {
		title_of(m, k, title, sizeof(title));
		add_cell(line, sizeof(line), &view->columns[k], w.width[k], title);
	}
	put_row(page, TOP_HEADING, line);
	m->page = rows > 1 ? rows - 1 : 1;
	if (m->at < m->first)
		m->first = m->at;
	if (m->at >= m->first + m->page)
		m->first = m->at - m->page + 1;
	if (m->count <= m->page)
		m->first = 0;
	if (m->count == 0)
		put(page, TOP_PLAIN,
		    !known	       ? ""
		    : *m->place.filter ? "nothing that the filter lets through"
				       : view->empty);
	for (i = m->first; i < m->count && i < m->first + m->page; i++) {
		snprintf(line, sizeof(line), "%s", i == m->at ? ">" : " ");
		for (k = 0; k < w.count; k++)
			add_cell(line, sizeof(line), &view->columns[k], w.width[k],
				 m->rows[i].cells[k]);
		put_row(page, i == m->at ? TOP_SELECTED : TOP_PLAIN, line);
	}
}

static void
put_help(struct page *page)
{
	static const char *const help[] = {
		"1 to 6, Tab   another view",
		"Up, Down, j, k, PgUp, PgDn, Space, Home, End   move",
		"Enter   the members of a queue, the calls of an agent or node",
		"c       the calls of a queue",
		"Esc, Backspace, Left   back; without a way back the filter ends",
		"/       show only lines that have this text",
		"< >     sort by another column; r the other way round",
		"o       log an agent out, or in; p pause or unpause it",
		"h       hang up a call",
		"q, Ctrl-C   leave",
	};
	size_t i;

	for (i = 0; i < sizeof(help) / sizeof(help[0]); i++)
		put(page, TOP_PLAIN, help[i]);
}

/* --- the foot ------------------------------------------------------------------------------ */

static void
put_foot(struct page *page, const struct top_model *m)
{
	const struct top_view *view = top_view_of(m);
	char text[LINE_MAX], *ask;

	if (m->mode == TOP_CONFIRM) {
		ask = top_fill(m->act->ask, m->act_name);
		snprintf(text, sizeof(text), "%s [y/N]", ask);
		free(ask);
		put(page, TOP_WARNING, text);
	} else if (m->mode == TOP_FILTER) {
		snprintf(text, sizeof(text), "show only: %s_", m->place.filter);
		put(page, TOP_BOLD, text);
	} else if (m->message) {
		output_printable(text, sizeof(text), m->message, strlen(m->message));
		put(page, TOP_BOLD, text);
	} else {
		snprintf(
			text, sizeof(text), "q quit  ? help  / filter  <> sort  r reverse%s%s%s%s",
			view->drill >= 0 ? "  Enter open" : "", view->calls >= 0 ? "  c calls" : "",
			top_act_find(m->place.view, 'o', json_null()) ? "  o log out  p pause" : "",
			top_act_find(m->place.view, 'h', json_null()) ? "  h hang up" : "");
		put(page, TOP_PLAIN, text);
	}
}

/* What is left out first on a low screen: the agents and mqsd's own line, then calls and tabs. */
void
top_layout(struct top_model *m, size_t rows, size_t columns, struct top_line *lines)
{
	struct page page = {lines, rows, columns, 0};
	size_t foot = rows > 2;

	put_verdict(&page, m);
	if (rows >= 14)
		put_instance(&page, m);
	if (rows >= 8)
		put_calls(&page, m);
	if (rows >= 14)
		put_agents(&page, m);
	if (rows >= 6)
		put_tabs(&page, m);
	page.rows = rows - foot;
	if (m->mode == TOP_HELP)
		put_help(&page);
	else if (page.used < page.rows)
		put_table(&page, m, page.rows - page.used);
	while (page.used < page.rows)
		put(&page, TOP_PLAIN, "");
	page.rows = rows;
	if (foot)
		put_foot(&page, m);
}

void
top_lines_free(struct top_line *lines, size_t rows)
{
	size_t i;

	for (i = 0; i < rows; i++)
		free(lines[i].text);
}
