/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/promise.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "loadtest/chaos_report.h"
#include "loadtest/check.h"
#include "loadtest/figure.h"

#define LEFT "end-" /* so begin the rules of what is left when all is over */

static size_t
count(const json_t *report, const char *path)
{
	double n = figure(report, path);

	return n > 0 ? (size_t)n : 0;
}

static bool
has_chaos(const json_t *report)
{
	return figure_at(report, "chaos") != NULL;
}

static bool
has_no_chaos(const json_t *report)
{
	return !has_chaos(report);
}

size_t
promise_drops(const json_t *report)
{
	size_t all = count(report, "drops.total");

	return has_chaos(report) ? all - count(report, "drops.excusable") : all;
}

static void
tell_drops(const json_t *report, promise_line *line, void *arg)
{
	const char *call;
	json_t *row;
	char *text;
	size_t i;

	json_array_foreach(figure_at(report, "drops.list"), i, row)
	{
		if (has_chaos(report) && json_is_true(json_object_get(row, "excusable")))
			continue;
		call = figure_text(row, "call");
		text = mem_printf("dropped (%s, %s): call %s, Call-ID %s: %s: %s",
				  figure_text(row, "class"), figure_text(row, "cause"),
				  *call != '\0' ? call : "-", figure_text(row, "sip_call_id"),
				  figure_text(row, "witness"), figure_text(row, "text"));
		line(arg, text);
		free(text);
	}
}

static size_t
broken_disagreements(const json_t *report)
{
	return count(report, "witnesses.disagreements");
}

static void
tell_disagreements(const json_t *report, promise_line *line, void *arg)
{
	json_t *row;
	char *text;
	size_t i;

	json_array_foreach(figure_at(report, "witnesses.list"), i, row)
	{
		text = mem_printf("disagreement: %s: %s", figure_text(row, "call"),
				  figure_text(row, "text"));
		line(arg, text);
		free(text);
	}
}

static bool
is_left(const json_t *violation)
{
	return strncmp(figure_text(violation, "rule"), LEFT, strlen(LEFT)) == 0;
}

static size_t
count_left(const json_t *report)
{
	size_t i, n = 0;
	json_t *row;

	json_array_foreach(figure_at(report, "invariants.list"), i, row) n += is_left(row);
	return n;
}

static size_t
broken_violations(const json_t *report)
{
	return count(report, "invariants.violations") - count_left(report);
}

static void
tell_rules(const json_t *report, bool left, promise_line *line, void *arg)
{
	char *text;
	json_t *row;
	size_t i;

	json_array_foreach(figure_at(report, "invariants.list"), i, row)
	{
		if (is_left(row) != left)
			continue;
		text = check_text(figure_text(row, "rule"), figure_text(row, "event"),
				  figure_time(row, "at_ms"), figure_text(row, "text"));
		line(arg, text);
		free(text);
	}
}

static void
tell_violations(const json_t *report, promise_line *line, void *arg)
{
	tell_rules(report, false, line, arg);
}

static void
tell_left(const json_t *report, promise_line *line, void *arg)
{
	tell_rules(report, true, line, arg);
}

/* What the profile bears of a latency's p99, ms; 0: anything. */
static double
p99_limit(const json_t *report, const char *option)
{
	return strtod(figure_text(json_object_get(report, "options"), option), NULL);
}

static const struct latency {
	const char *name, *option, *figure;
} latencies[] = {
	{"offer", "offer_p99_ms", "latency_ms.offer.p99"},
	{"connect", "connect_p99_ms", "latency_ms.connect.p99"},
};

#define LATENCIES (sizeof(latencies) / sizeof(latencies[0]))

static bool
has_limits(const json_t *report)
{
	size_t i;

	for (i = 0; i < LATENCIES; i++)
		if (p99_limit(report, latencies[i].option) > 0)
			return true;
	return false;
}

static bool
is_late(const json_t *report, const struct latency *l)
{
	double limit = p99_limit(report, l->option);

	/* What nobody measured was not kept: the figure is NAN then. */
	return limit > 0 && !(figure(report, l->figure) <= limit);
}

static size_t
broken_latency(const json_t *report)
{
	size_t i, n = 0;

	for (i = 0; i < LATENCIES; i++)
		n += is_late(report, &latencies[i]);
	return n;
}

static void
tell_latency(const json_t *report, promise_line *line, void *arg)
{
	char *text, was[48];
	size_t i;
	double p99;

	for (i = 0; i < LATENCIES; i++) {
		if (!is_late(report, &latencies[i]))
			continue;
		p99 = figure(report, latencies[i].figure);
		if (isnan(p99))
			snprintf(was, sizeof(was), "was not measured");
		else
			snprintf(was, sizeof(was), "is %.1f ms", p99);
		text = mem_printf("latency: %s p99 %s, and %s bears %.0f ms", latencies[i].name,
				  was, latencies[i].option, p99_limit(report, latencies[i].option));
		line(arg, text);
		free(text);
	}
}

static size_t
broken_faults(const json_t *report)
{
	return chaos_report_status(figure_at(report, "chaos")) != 0;
}

static void
tell_faults(const json_t *report, promise_line *line, void *arg)
{
	char text[96];

	line(arg, chaos_report_line(figure_at(report, "chaos"), text, sizeof(text)));
}

/* clang-format off */
const struct promise promises[] = {
	{"drops",         "No call is dropped.",                              NULL,         promise_drops,        tell_drops},
	{"disagreements", "No witness disagrees with another.",               has_no_chaos, broken_disagreements, tell_disagreements},
	{"violations",    "No invariant is violated.",                        NULL,         broken_violations,    tell_violations},
	{"leftovers",     "Nothing of a call is left in Redis, on the nodes or in Kamailio.", NULL, count_left,   tell_left},
	{"latency",       "Latencies keep the profile's limits.",             has_limits,   broken_latency,       tell_latency},
	{"faults",        "All faults are made, and none is late.",           has_chaos,    broken_faults,        tell_faults},
};
/* clang-format on */

const size_t promise_count = sizeof(promises) / sizeof(promises[0]);

size_t
promise_broken(const struct promise *p, const json_t *report)
{
	return p->applies == NULL || p->applies(report) ? p->broken(report) : 0;
}

/* Passes the first lines on. */
struct first {
	promise_line *line;
	void *arg;
	size_t limit, count;
};

static void
pass(void *arg, const char *text)
{
	struct first *f = arg;

	if (f->count++ < f->limit)
		f->line(f->arg, text);
}

size_t
promise_tell(const struct promise *p, const json_t *report, size_t limit, promise_line *line,
	     void *arg)
{
	struct first f = {line, arg, limit, 0};

	p->tell(report, pass, &f);
	return f.count > limit ? f.count - limit : 0;
}
