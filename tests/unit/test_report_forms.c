/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "loadtest/chart.h"
#include "loadtest/compare.h"
#include "loadtest/figure.h"
#include "loadtest/promise.h"
#include "loadtest/report.h"
#include "loadtest/series.h"

/* A run of 100 s: 10 calls completed a second from 20 s on, mqsd with 0.1 core and 1 MB an hour. */
static json_t *
watched(size_t every)
{
	struct series *s = series_new(every);
	struct sample sample;
	json_t *json;
	int i;

	for (i = 1; i <= 100; i++) {
		sample = (struct sample){.t = i,
					 .counts = {.up = 50,
						    .waiting = 30,
						    .talking = 20,
						    .arrived = 10 * i,
						    .completed = i > 20 ? 10 * (i - 20) : 0},
					 .proc_count = i > 10 ? 2 : 1};
		if (i % 2 == 0)
			sample.offer = (struct sample_latency){.count = 10, .p50 = 4, .p99 = i};
		sample.procs[0] =
			(struct sample_proc){"mqsd-1", 0.1, 0.1 * i, 40e6 + 1e6 * i / 3600};
		sample.procs[1] = (struct sample_proc){"a1", 0.2, 0.2 * i, 200e6};
		series_add(s, &sample);
	}
	json = series_json(s);
	series_free(s);
	return json;
}

static json_t *
report_of(size_t drops)
{
	json_t *list = json_array(), *w = watched(1), *report;
	size_t i;

	for (i = 0; i < drops; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:b, s:f, s:s, s:s, s:s, s:s, s:s}", "class",
						"sip", "excusable", 0, "at_s", 50.5, "sip_call_id",
						"1-7@x", "call", "c-7", "witness", "callers' SIPp",
						"cause", "timeout", "text", "<no> \"ACK\" & more"));
	report = json_pack(
		"{s:i, s:s, s:I, s:f, s:{s:s}, s:{s:s}, s:{s:i}, s:{s:i, s:i, s:i, s:i, s:i, s:i}, "
		"s:{s:i, s:i, s:i, s:i, s:o}, s:{s:i}, s:{s:i}, s:{s:i}, "
		"s:{s:{s:i, s:f, s:f, s:f, s:f}, s:{s:i, s:f, s:n, s:f, s:f}}}",
		"report", REPORT_VERSION, "profile", "talk-2014", "from_us",
		(json_int_t)1795467384880123, "lasted_s", 35999.9, "options", "seed", "1",
		"versions", "mqsd", "0.1.0", "lab", "nodes", 8, "calls", "originated", 1234567,
		"completed", 1234560, "abandoned", 4, "refused", 0, "ruled", 1, "drained", 2,
		"drops", "sip", (int)drops, "server", 0, "total", (int)drops, "excusable", 0,
		"list", list, "witnesses", "disagreements", 0, "invariants", "violations", 0,
		"agents", "registered", 2000, "latency_ms", "offer", "count", 1234560, "p50", 4.25,
		"p90", 11.25, "p99", 31.75, "max", 88.125, "connect", "count", 1234559, "p50", 3.5,
		"p90", "p99", 22.0, "max", 60.0);
	json_object_update(report, w);
	json_decref(w);
	return report;
}

static char *
form(const json_t *report, void (*make)(const json_t *, FILE *))
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	make(report, out);
	fclose(out);
	return text;
}

/* Compares what the page shows with the JSON: the value, and the text that people read. */
static size_t
compare_numbers(const json_t *report, const char *html)
{
	char path[96], shown[FIGURE_MAX], wanted[FIGURE_MAX];
	const char *p = html;
	int decimals;
	double value;
	size_t n = 0;

	while ((p = strstr(p, "<data ")) != NULL) {
		assert_int_equal(sscanf(p,
					"<data data-path=\"%95[^\"]\" data-decimals=\"%d\" "
					"value=\"%lf\">%47[^<]</data>",
					path, &decimals, &value, shown),
				 4);
		assert_true(fabs(value - figure(report, path)) <= 1e-8 * fabs(value));
		assert_string_equal(shown, figure_print(figure(report, path), decimals, wanted));
		p++;
		n++;
	}
	return n;
}

/* The points of the first curve of that name, read back into its values. */
static void
compare_curve(const char *html, const char *name, const json_t *y)
{
	char *mark = mem_printf("data-curve=\"%s\" data-top=\"", name);
	const char *p = strstr(html, mark);
	double top, x, at;
	size_t i = 0;
	json_t *value;
	int n;

	assert_non_null(p);
	top = strtod(p + strlen(mark), NULL);
	p = strstr(p, " d=\"") + 4;
	json_array_foreach(y, i, value)
	{
		if (!json_is_number(value))
			continue;
		assert_int_equal(sscanf(p, "%*[ML]%lf %lf%n", &x, &at, &n), 2);
		/* The drawing's plot is 196 high, from 206 up, drawn to a tenth. */
		assert_true(fabs((206 - at) / 196 * top - json_number_value(value)) <
			    top / 196 * 0.06);
		p += n;
		if (strncmp(p, "h0", 2) == 0)
			p += 2;
	}
	assert_int_equal(*p, '"');
	free(mark);
}

static void
html(void **state)
{
	json_t *report = report_of(2);
	char *page = form(report, report_html);

	(void)state;
	assert_true(compare_numbers(report, page) >= 30);
	compare_curve(page, "waiting", figure_at(report, "series.waiting"));
	compare_curve(page, "arrived", figure_at(report, "series.arrived_per_s"));
	compare_curve(page, "p99", figure_at(report, "series.offer_p99"));
	compare_curve(page, "Asterisk", figure_at(report, "series.cpu.a1"));
	assert_non_null(strstr(page, "<main>\n<p class=\"caveat\">signalling only, no music</p>"));
	assert_non_null(strstr(page, "&lt;no&gt; &quot;ACK&quot; &amp; more"));
	assert_non_null(strstr(page, "class=\"mark\""));
	assert_non_null(strstr(page, ">1,234,560</data>"));
	/* Ten hours less a moment are not ten hours. */
	assert_non_null(strstr(page, "9 h 59 min"));
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "http"));
	free(page);
	json_decref(report);
}

/* Names of processes, too, are a stranger's text: anybody can hand a report on. */
static void
html_of_a_stranger(void **state)
{
	static const char name[] = "x\"><b onclick=\"y";
	json_t *report = report_of(0);
	char *page;

	(void)state;
	json_object_set_new(json_object_get(report, "processes"), name,
			    json_pack("{s:f}", "cpu_mean", 0.5));
	page = form(report, report_html);
	assert_null(strstr(page, "<b onclick"));
	assert_non_null(
		strstr(page, "data-path=\"processes.x&quot;&gt;&lt;b onclick=&quot;y.cpu_mean"));
	free(page);
	json_decref(report);
}

/* However long or small, a drawing has a few lines. */
static void
drawings_end(void **state)
{
	static const double values[] = {1e300, 1e7, 1, 1e-200, 5e-324};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		json_t *t = json_pack("[f, f]", 0.0, values[i]);
		struct chart chart = {
			.title = "t", .unit = "u", .t = t, .lines = {{"l", t}}, .line_count = 1};
		size_t size;
		char *text;
		FILE *out = open_memstream(&text, &size);

		chart_draw(&chart, out);
		fclose(out);
		assert_true(size < 10000);
		free(text);
		json_decref(t);
	}
}

static void
junit(void **state)
{
	json_t *report = report_of(0);
	char *xml = form(report, report_junit);

	(void)state;
	assert_non_null(strstr(xml, "?>\n<!-- signalling only, no music -->\n"));
	assert_non_null(strstr(xml, "failures=\"0\""));
	assert_null(strstr(xml, "<failure"));
	assert_non_null(strstr(xml, "errors=\"0\""));
	assert_non_null(strstr(xml, "name=\"rates\"/>"));
	free(xml);
	json_object_set_new(report, "complete", json_false());
	xml = form(report, report_junit);
	assert_non_null(strstr(xml, "errors=\"1\""));
	assert_non_null(strstr(xml, "name=\"rates\"><error message=\"not a whole run: ended "));
	free(xml);
	json_decref(report);
	report = report_of(25);
	xml = form(report, report_junit);
	assert_non_null(strstr(xml, "failures=\"1\""));
	assert_non_null(strstr(xml, "<failure message=\"broken 25 times: No call is dropped.\">"));
	assert_non_null(strstr(xml, "Call-ID 1-7@x: callers&#39; SIPp: &lt;no&gt;"));
	free(xml);
	assert_int_equal(report_status(report), 1);
	json_object_set_new(json_object_get(report, "options"), "music", json_string("default"));
	xml = form(report, report_text);
	assert_null(strstr(xml, "signalling only"));
	assert_non_null(strstr(xml, "and 5 more drops\n"));
	free(xml);
	json_decref(report);
}

static void
series(void **state)
{
	json_t *json = watched(1);

	(void)state;
	assert_int_equal(json_array_size(figure_at(json, "series.t")), 100);
	assert_true(json_is_null(json_array_get(figure_at(json, "series.cpu.a1"), 9)));
	assert_float_equal(json_number_value(json_array_get(figure_at(json, "series.cpu.a1"), 50)),
			   0.2, 1e-9);
	assert_float_equal(figure(json, "processes.mqsd-1.cpu_mean"), 0.1, 1e-9);
	assert_float_equal(figure(json, "processes.mqsd-1.rss_slope_mb_per_h"), 1, 1e-6);
	assert_true(figure(json, "processes.mqsd-1.rss_slope_error") < 1e-3);
	assert_int_equal(figure(json, "cost.calls"), 790);
	/* 0.1 core for the 79 s between the first and the last of them. */
	assert_float_equal(figure(json, "cost.us_per_call.mqsd"), 10000, 0.01);
	assert_float_equal(figure(json, "cost.us_per_call.asterisk"), 20000, 0.01);
	json_decref(json);
	json = watched(10);
	assert_int_equal(json_array_size(figure_at(json, "series.offer_p99")), 10);
	assert_float_equal(
		json_number_value(json_array_get(figure_at(json, "series.offer_p99"), 4)), 50, 0);
	assert_float_equal(
		json_number_value(json_array_get(figure_at(json, "series.arrived_per_s"), 4)), 10,
		1e-9);
	json_decref(json);
	assert_null(series_load("/nonexistent"));
}

/* 31.75 ms were measured. */
static void
limits(void **state)
{
	static const struct {
		const char *limit;
		int status;
		bool skipped;
	} rows[] = {{"0", 0, true}, {"32", 0, false}, {"31", 1, false}};
	json_t *report;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		report = report_of(0);
		json_object_set_new(json_object_get(report, "options"), "offer_p99_ms",
				    json_string(rows[i].limit));
		assert_int_equal(report_status(report), rows[i].status);
		text = form(report, report_text);
		assert_true((strstr(text, "latency: offer p99 is 31.8 ms, and offer_p99_ms bears "
					  "31 ms\n") != NULL) == (rows[i].status == 1));
		free(text);
		text = form(report, report_junit);
		assert_true((strstr(text, "name=\"latency\"><skipped/>") != NULL) ==
			    rows[i].skipped);
		free(text);
		json_decref(report);
	}
}

static size_t
compared(const json_t *before, const json_t *after, const char *limit, char **text)
{
	struct compare_limits limits;
	struct err err;
	size_t size, worse;
	FILE *out = open_memstream(text, &size);

	compare_defaults(&limits);
	if (limit != NULL)
		assert_int_equal(compare_limit(&limits, limit, &err), 0);
	worse = compare_print(before, after, &limits, out);
	fclose(out);
	return worse;
}

static void
set(json_t *report, const char *path, const char *key, double value)
{
	json_object_set_new((json_t *)figure_at(report, path), key, json_real(value));
}

static void
comparison(void **state)
{
	json_t *before = report_of(0), *after = report_of(0);
	struct compare_limits limits;
	struct err err;
	char *text;

	(void)state;
	assert_int_equal(compared(before, after, NULL, &text), 0);
	free(text);
	set(after, "latency_ms.offer", "p99", 41);
	set(after, "cost.us_per_call", "mqsd", 8000);
	assert_int_equal(compared(before, after, NULL, &text), 1);
	assert_non_null(strstr(text, "+29.1 %  ms         worse\n"));
	free(text);
	assert_int_equal(compared(before, after, "30", &text), 0);
	free(text);
	assert_int_equal(compared(before, after, "offer-p99=20", &text), 1);
	free(text);
	/* One drop is one too many, whatever is borne otherwise. */
	set(after, "drops", "total", 1);
	assert_int_equal(compared(before, after, "1000", &text), 1);
	free(text);
	json_object_set_new(json_object_get(after, "options"), "seed", json_string("2"));
	compared(before, after, NULL, &text);
	assert_non_null(strstr(text, "seed: 1 before, 2 after\n"));
	free(text);
	assert_int_equal(compare_check(before, after, &err), 0);
	json_object_set_new(after, "profile", json_string("smoke"));
	assert_int_equal(compare_check(before, after, &err), -1);
	assert_string_equal(err.text, "one report is of the profile talk-2014, the other of smoke: "
				      "nothing to compare");
	assert_int_equal(compare_limit(&limits, "none-such=5", &err), -1);
	assert_int_equal(compare_limit(&limits, "5x", &err), -1);
	assert_int_equal(compare_limit(&limits, "nan", &err), -1);
	json_decref(before);
	json_decref(after);
}

static void
files(void **state)
{
	char path[] = "/tmp/mqs-report-XXXXXX";
	json_t *report = report_of(1), *back;
	struct err err;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(report_write(report, path, &err), 0);
	back = report_read(path, &err);
	assert_non_null(back);
	assert_int_equal(figure(back, "calls.completed"), 1234560);
	json_decref(back);
	json_object_set_new(report, "report", json_integer(REPORT_VERSION + 1));
	assert_int_equal(report_write(report, path, &err), 0);
	assert_null(report_read(path, &err));
	assert_non_null(strstr(err.text, "is a report of version 2, and this loadtest reads "));
	json_object_del(report, "report");
	assert_int_equal(report_write(report, path, &err), 0);
	assert_null(report_read(path, &err));
	assert_non_null(strstr(err.text, "is not a report of loadtest"));
	assert_null(report_read("/nonexistent", &err));
	assert_null(report_read("/", &err));
	assert_non_null(strstr(err.text, "'loadtest judge' makes it"));
	assert_int_equal(report_write(report, "/nonexistent/r", &err), -1);
	json_decref(report);
	unlink(path);
}

/* A limit is not kept by measuring nothing. */
static void
unmeasured(void **state)
{
	json_t *report = report_of(0);
	char *text;

	(void)state;
	json_object_set_new(json_object_get(report, "options"), "offer_p99_ms", json_string("50"));
	json_object_set_new(json_object_get(json_object_get(report, "latency_ms"), "offer"), "p99",
			    json_null());
	assert_int_equal(report_status(report), 1);
	text = form(report, report_text);
	assert_non_null(strstr(
		text, "latency: offer p99 was not measured, and offer_p99_ms bears 50 ms\n"));
	free(text);
	json_decref(report);
}

/* Figures of calls that were made a second time are not mistaken for those of a run of its own. */
static void
replayed(void **state)
{
	void (*const forms[])(const json_t *report, FILE *out) = {report_text, report_junit,
								  report_html};
	json_t *report = report_of(0);
	char out[REPORT_ORIGIN_MAX], *text;
	size_t i;

	(void)state;
	assert_null(report_origin(report, out));
	json_object_set_new(report, "replay", json_pack("{s:s}", "run", "/tmp/<run>"));
	assert_string_equal(report_origin(report, out), "all calls of the run in /tmp/<run>");
	json_object_set_new(report, "replay",
			    json_pack("{s:s, s:s, s:i, s:i}", "run", "/tmp/run", "call", "7@h",
				      "around_s", 0, "calls", 1));
	assert_string_equal(report_origin(report, out), "call 7@h of the run in /tmp/run");
	json_object_set_new(json_object_get(report, "replay"), "around_s", json_integer(10));
	json_object_set_new(json_object_get(report, "replay"), "calls", json_integer(41));
	assert_string_equal(report_origin(report, out),
			    "41 calls, those within 10 s of call 7@h, of the run in /tmp/run");
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		text = form(report, forms[i]);
		assert_non_null(
			strstr(text, "41 calls, those within 10 s of call 7@h, of the run"));
		free(text);
	}
	json_decref(report);
}

static void
words(void **state)
{
	char out[FIGURE_MAX];

	(void)state;
	assert_string_equal(figure_print(1234567.5, 1, out), "1,234,567.5");
	assert_string_equal(figure_print(-1234, 0, out), "-1,234");
	assert_string_equal(figure_print(999, 0, out), "999");
	assert_string_equal(figure_print(NAN, 0, out), "-");
	assert_string_equal(figure_lasted(36000, out), "10 h 0 min");
	assert_string_equal(figure_lasted(35999.99, out), "9 h 59 min");
	assert_string_equal(figure_lasted(4799, out), "79 min");
	assert_string_equal(figure_lasted(130.9, out), "2 min 10 s");
	assert_string_equal(figure_lasted(18.9, out), "18 s");
	assert_float_equal(chart_step(3600, 5), 1000, 1e-9);
	assert_float_equal(chart_step(1000, 5), 200, 1e-9);
	assert_float_equal(chart_step(0.21, 5), 0.05, 1e-9);
	assert_float_equal(chart_time_step(4800, 10), 600, 0);
	assert_float_equal(chart_time_step(432000, 10), 43200, 0);
	assert_float_equal(chart_time_step(1e7, 10), 20 * 86400, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html),		cmocka_unit_test(junit),
		cmocka_unit_test(series),	cmocka_unit_test(comparison),
		cmocka_unit_test(limits),	cmocka_unit_test(files),
		cmocka_unit_test(words),	cmocka_unit_test(html_of_a_stranger),
		cmocka_unit_test(drawings_end), cmocka_unit_test(unmeasured),
		cmocka_unit_test(replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
