/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/chart.h"
#include "loadtest/figure.h"
#include "loadtest/markup.h"
#include "loadtest/process_kind.h"
#include "loadtest/report_html.h"

#define MARKS_MAX 200 /* of drops; more would be one red wall */

/* One row a drawing: curves of "series" by their names. */
static const struct drawing {
	const char *title, *unit;
	struct {
		const char *name, *key;
	} curves[3];
	bool marks;
} drawings[] = {
	{"Calls",
	 "at a time",
	 {{"waiting", "waiting"}, {"talking", "talking"}, {"in progress", "calls"}},
	 true},
	{"Arrivals and answers",
	 "a second",
	 {{"arrived", "arrived_per_s"},
	  {"answered", "answered_per_s"},
	  {"completed", "completed_per_s"}},
	 false},
	{"Offer latency", "ms", {{"p50", "offer_p50"}, {"p99", "offer_p99"}}, false},
	{"Connect latency", "ms", {{"p50", "connect_p50"}, {"p99", "connect_p99"}}, false},
};

static size_t
take_marks(const json_t *report, double marks[MARKS_MAX])
{
	size_t i, n = 0;
	json_t *drop;

	json_array_foreach(figure_at(report, "drops.list"), i,
			   drop) if (n < MARKS_MAX && json_is_number(json_object_get(drop, "at_s")))
		marks[n++] = figure(drop, "at_s");
	return n;
}

static void
put_drawing(const struct html *h, const struct drawing *d)
{
	const json_t *series = json_object_get(h->report, "series");
	double marks[MARKS_MAX];
	struct chart chart = {.title = d->title,
			      .unit = d->unit,
			      .t = json_object_get(series, "t"),
			      .marks = marks,
			      .mark_name = "a call dropped"};
	size_t i;

	for (i = 0; i < 3 && d->curves[i].name != NULL; i++)
		chart.lines[chart.line_count++] = (struct chart_line){
			d->curves[i].name, json_object_get(series, d->curves[i].key)};
	if (d->marks)
		chart.mark_count = take_marks(h->report, marks);
	chart_draw(&chart, h->out);
}

/* The sum of a kind's curves, point by point; null where none of them has a value. */
static json_t *
sum_of_kind(const json_t *curves, enum process_kind kind)
{
	json_t *sum = NULL, *curve, *value;
	const char *name;
	size_t i;

	json_object_foreach((json_t *)curves, name, curve)
	{
		if (process_kind(name) != kind)
			continue;
		if (sum == NULL) {
			sum = json_copy(curve);
			continue;
		}
		json_array_foreach(curve, i, value) if (json_is_number(value))
			json_array_set_new(sum, i,
					   json_real(json_number_value(value) +
						     json_number_value(json_array_get(sum, i))));
	}
	return sum;
}

static void
put_kinds(const struct html *h, const char *title, const char *unit, const char *key)
{
	static const char *const names[PROCESS_KINDS] = {"mqsd",     "Redis", "Kamailio",
							 "Asterisk", "SIPp",  "loadtest"};
	const json_t *series = json_object_get(h->report, "series");
	struct chart chart = {.title = title, .unit = unit, .t = json_object_get(series, "t")};
	json_t *sums[PROCESS_KINDS];
	int i;

	for (i = 0; i < PROCESS_KINDS; i++) {
		sums[i] = sum_of_kind(json_object_get(series, key), (enum process_kind)i);
		if (sums[i] != NULL)
			chart.lines[chart.line_count++] = (struct chart_line){names[i], sums[i]};
	}
	chart_draw(&chart, h->out);
	for (i = 0; i < PROCESS_KINDS; i++)
		json_decref(sums[i]);
}

void
html_curves(const struct html *h)
{
	size_t i;

	fputs("<h2>The run</h2>\n", h->out);
	if (json_array_size(figure_at(h->report, "series.t")) == 0) {
		fputs("<p class=\"dim\">Nobody took samples of it.</p>\n", h->out);
		return;
	}
	for (i = 0; i < sizeof(drawings) / sizeof(drawings[0]); i++)
		put_drawing(h, &drawings[i]);
	put_kinds(h, "CPU", "cores, all processes of a kind together", "cpu");
	put_kinds(h, "Memory", "MB, all processes of a kind together", "rss_mb");
}

/* The highest of all processes, so that their small curves can be compared. */
static double
common_top(const json_t *curves)
{
	const char *name;
	json_t *curve;
	double top = 0;

	json_object_foreach((json_t *)curves, name, curve) top = fmax(top, chart_top(curve));
	return top;
}

static void
put_cell(const struct html *h, const char *process, const char *key, int decimals)
{
	char *path = mem_printf("processes.%s.%s", process, key);

	fputs("<td class=\"n\">", h->out);
	html_number(h, path, decimals, "");
	fputs("</td>", h->out);
	free(path);
}

void
html_processes(const struct html *h)
{
	const json_t *series = json_object_get(h->report, "series"),
		     *t = json_object_get(series, "t"), *cpu = json_object_get(series, "cpu"),
		     *rss = json_object_get(series, "rss_mb");
	double cpu_top = common_top(cpu), rss_top = common_top(rss);
	const char *name;
	json_t *row;

	if (json_object_size(json_object_get(h->report, "processes")) == 0)
		return;
	fprintf(h->out,
		"<h2>Processes</h2>\n<div class=\"wide\"><table><tr><th></th>"
		"<th class=\"n\">CPU, mean<br>cores</th><th class=\"n\">highest<br>cores</th>"
		"<th>over time<br>0 to %.2f</th><th class=\"n\">memory, most<br>MB</th>"
		"<th class=\"n\">trend<br>MB an hour</th><th class=\"n\">its error<br>±</th>"
		"<th>over time<br>0 to %.0f MB</th></tr>\n",
		cpu_top, rss_top);
	json_object_foreach(json_object_get(h->report, "processes"), name, row)
	{
		fputs("<tr><td>", h->out);
		markup_text(h->out, name);
		fputs("</td>", h->out);
		put_cell(h, name, "cpu_mean", 3);
		put_cell(h, name, "cpu_max", 2);
		fputs("<td>", h->out);
		chart_spark(t, json_object_get(cpu, name), cpu_top, h->out);
		fputs("</td>", h->out);
		put_cell(h, name, "rss_max_mb", 0);
		put_cell(h, name, "rss_slope_mb_per_h", 1);
		put_cell(h, name, "rss_slope_error", 1);
		fputs("<td>", h->out);
		chart_spark(t, json_object_get(rss, name), rss_top, h->out);
		fputs("</td></tr>\n", h->out);
	}
	fputs("</table></div>\n<p class=\"dim\">The trend is of the memory between the first and "
	      "the last completed call, by least squares.</p>\n",
	      h->out);
}
