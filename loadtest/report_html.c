/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/mem.h"
#include "loadtest/figure.h"
#include "loadtest/markup.h"
#include "loadtest/promise.h"
#include "loadtest/report.h"
#include "loadtest/report_html.h"
#include "loadtest/report_style.h"

#define BROKEN_SHOWN 100 /* lines for each promise */

void
html_number(const struct html *h, const char *path, int decimals, const char *unit)
{
	double value = figure(h->report, path);
	char text[FIGURE_MAX];

	if (isnan(value)) {
		fputs("–", h->out);
		return;
	}
	fputs("<data data-path=\"", h->out);
	markup_text(h->out, path);
	fprintf(h->out, "\" data-decimals=\"%d\" value=\"%.9g\">%s</data>", decimals, value,
		figure_print(value, decimals, text));
	if (*unit != '\0')
		fprintf(h->out, " <small>%s</small>", unit);
}

static void
put_head(const struct html *h)
{
	char line[REPORT_RESULT_MAX], when[64] = "";
	char origin[REPORT_ORIGIN_MAX];
	time_t at = (time_t)(figure_time(h->report, "from_us") / 1000000);
	bool kept = report_status(h->report) == 0;
	struct tm tm;

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	      h->out);
	markup_text(h->out, report_result(h->report, line));
	fprintf(h->out, "</title>\n<style>\n%s</style></head>\n<body><main>\n", report_style);
	if (report_caveat(h->report) != NULL)
		fprintf(h->out, "<p class=\"caveat\">%s</p>\n", report_caveat(h->report));
	fputs("<h1>", h->out);
	markup_text(h->out, figure_text(h->report, "profile"));
	fputs("</h1>\n<p>", h->out);
	markup_text(h->out, report_extent(h->report, line));
	if (report_origin(h->report, origin) != NULL) {
		fputs("<br>Again: ", h->out);
		markup_text(h->out, origin);
	}
	if (at > 0 && gmtime_r(&at, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &tm);
	fprintf(h->out, "<br><span class=\"dim\">%s</span></p>\n<p class=\"result %s\">", when,
		kept ? "good" : "bad");
	markup_text(h->out, report_result(h->report, line));
	fprintf(h->out, "<br>%s</p>\n",
		kept ? "Every promise was kept." : "Not every promise was kept.");
	if (report_broken_off(h->report, line) != NULL) {
		fputs("<p class=\"result bad\">", h->out);
		markup_text(h->out, line);
		fputs("</p>\n", h->out);
	}
}

static void
put_tiles(const struct html *h)
{
	static const struct tile {
		const char *label, *path, *unit;
		int decimals;
	} tiles[] = {
		{"calls completed", "calls.completed", "", 0},
		{"calls dropped", "drops.total", "", 0},
		{"most in progress at once", "peak.concurrent_calls", "", 0},
		{"most talking at once", "peak.talking", "", 0},
		{"offer latency, p99", "latency_ms.offer.p99", "ms", 1},
		{"connect latency, p99", "latency_ms.connect.p99", "ms", 1},
		{"CPU of mqsd for a call", "cost.us_per_call.mqsd", "µs", 0},
		{"CPU of Redis for a call", "cost.us_per_call.redis", "µs", 0},
	};
	size_t i;

	fputs("<div class=\"tiles\">\n", h->out);
	for (i = 0; i < sizeof(tiles) / sizeof(tiles[0]); i++) {
		fputs("<div><b>", h->out);
		html_number(h, tiles[i].path, tiles[i].decimals, tiles[i].unit);
		fprintf(h->out, "</b><span>%s</span></div>\n", tiles[i].label);
	}
	fputs("</div>\n", h->out);
}

static void
put_promises(const struct html *h)
{
	size_t i, broken;
	bool applies;

	fputs("<h2>Promises</h2>\n<table><tr><th>promise</th><th class=\"n\">broken</th></tr>\n",
	      h->out);
	for (i = 0; i < promise_count; i++) {
		broken = promise_broken(&promises[i], h->report);
		applies = promises[i].applies == NULL || promises[i].applies(h->report);
		fprintf(h->out, "<tr><td>%s</td><td class=\"n %s\">", promises[i].sentence,
			!applies     ? "dim"
			: broken > 0 ? "bad"
				     : "good");
		if (applies)
			fprintf(h->out, "%zu times", broken);
		else
			fputs("not asked", h->out);
		fputs("</td></tr>\n", h->out);
	}
	fputs("</table>\n", h->out);
}

static void
put_line(void *arg, const char *text)
{
	fputs("<tr><td class=\"w\">", arg);
	markup_text(arg, text);
	fputs("</td></tr>\n", arg);
}

/* What all witnesses saw of the calls that were dropped. */
static void
put_timelines(const struct html *h)
{
	json_t *drop, *entry;
	size_t i, j;

	json_array_foreach(figure_at(h->report, "drops.list"), i, drop)
	{
		const json_t *timeline = json_object_get(drop, "timeline");

		if (timeline == NULL)
			continue;
		fputs("<details><summary>", h->out);
		markup_text(h->out, figure_text(drop, "sip_call_id"));
		fputs("</summary><table>\n", h->out);
		json_array_foreach(timeline, j, entry)
		{
			fprintf(h->out, "<tr><td class=\"n\">%.6f s</td><td>", figure(entry, "t"));
			markup_text(h->out, figure_text(entry, "witness"));
			fputs("</td><td class=\"w\">", h->out);
			markup_text(h->out, figure_text(entry, "what"));
			fputs("</td></tr>\n", h->out);
		}
		fputs("</table></details>\n", h->out);
	}
}

static void
put_broken(const struct html *h)
{
	size_t i, more;

	for (i = 0; i < promise_count; i++) {
		if (promise_broken(&promises[i], h->report) == 0)
			continue;
		fprintf(h->out, "<h2>Broken: %s</h2>\n<table>\n", promises[i].name);
		more = promise_tell(&promises[i], h->report, BROKEN_SHOWN, put_line, h->out);
		fputs("</table>\n", h->out);
		if (more > 0)
			fprintf(h->out, "<p class=\"dim\">and %zu more</p>\n", more);
	}
	put_timelines(h);
}

static void
put_ends(const struct html *h)
{
	static const char *const ends[] = {"originated", "completed", "abandoned",
					   "refused",	 "ruled",     "drained"};
	char *path;
	size_t i;

	fputs("<h2>What became of the calls</h2>\n<div class=\"wide\"><table><tr>", h->out);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		fprintf(h->out, "<th class=\"n\">%s</th>", ends[i]);
	fputs("<th class=\"n\">dropped, SIP</th><th class=\"n\">dropped, server</th></tr>\n<tr>",
	      h->out);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		path = mem_printf("calls.%s", ends[i]);
		fputs("<td class=\"n\">", h->out);
		html_number(h, path, 0, "");
		fputs("</td>", h->out);
		free(path);
	}
	fputs("<td class=\"n\">", h->out);
	html_number(h, "drops.sip", 0, "");
	fputs("</td><td class=\"n\">", h->out);
	html_number(h, "drops.server", 0, "");
	fputs("</td></tr></table></div>\n", h->out);
}

static void
put_latencies(const struct html *h)
{
	static const char *const names[] = {"offer", "connect"};
	static const char *const figures[] = {"p50", "p90", "p99", "max"};
	char *path;
	size_t i, j;

	fputs("<h2>Latency</h2>\n<table><tr><th></th>", h->out);
	for (j = 0; j < sizeof(figures) / sizeof(figures[0]); j++)
		fprintf(h->out, "<th class=\"n\">%s</th>", figures[j]);
	fputs("<th class=\"n\">measured</th></tr>\n", h->out);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fprintf(h->out, "<tr><td>%s</td>", names[i]);
		for (j = 0; j < sizeof(figures) / sizeof(figures[0]); j++) {
			path = mem_printf("latency_ms.%s.%s", names[i], figures[j]);
			fputs("<td class=\"n\">", h->out);
			html_number(h, path, 1, "ms");
			fputs("</td>", h->out);
			free(path);
		}
		path = mem_printf("latency_ms.%s.count", names[i]);
		fputs("<td class=\"n\">", h->out);
		html_number(h, path, 0, "times");
		fputs("</td></tr>\n", h->out);
		free(path);
	}
	fputs("</table>\n"
	      "<p class=\"dim\">Offer: from the moment when caller and agent were both ready to "
	      "the "
	      "INVITE at that agent's phone. Connect: from the agent's 200 OK to the bridge.</p>\n",
	      h->out);
}

/* Names and texts of an object, two columns. */
static void
put_texts(const struct html *h, const char *title, const char *path)
{
	const char *name;
	json_t *value;

	fprintf(h->out, "<h2>%s</h2>\n<table>\n", title);
	json_object_foreach((json_t *)figure_at(h->report, path), name, value)
	{
		fputs("<tr><td>", h->out);
		markup_text(h->out, name);
		fputs("</td><td class=\"w\">", h->out);
		markup_text(h->out, json_is_string(value) ? json_string_value(value) : "");
		fputs("</td></tr>\n", h->out);
	}
	fputs("</table>\n", h->out);
}

void
report_html(const json_t *report, FILE *out)
{
	struct html h = {.report = report, .out = out};

	put_head(&h);
	put_tiles(&h);
	put_promises(&h);
	put_broken(&h);
	html_curves(&h);
	put_ends(&h);
	put_latencies(&h);
	html_processes(&h);
	put_texts(&h, "Profile", "options");
	put_texts(&h, "Versions", "versions");
	fputs("</main></body></html>\n", out);
}
