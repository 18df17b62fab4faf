/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadtest/figure.h"

#define LATENCY_PERCENT 25
#define LATENCY_MS	5
#define COST_PERCENT	15
#define COST_US		20
#define MEMORY_PERCENT	20
#define MEMORY_MB	5
#define PERCENT_MAX	100000

/* clang-format off */
const struct compare_row compare_rows[] = {
	{"dropped",       "drops.total",               "calls", 0, 0, 0},
	{"disagreements", "witnesses.disagreements",   "",      0, 0, 0},
	{"violations",    "invariants.violations",     "",      0, 0, 0},
	{"offer-p50",     "latency_ms.offer.p50",      "ms",    1, LATENCY_PERCENT, LATENCY_MS},
	{"offer-p99",     "latency_ms.offer.p99",      "ms",    1, LATENCY_PERCENT, LATENCY_MS},
	{"connect-p50",   "latency_ms.connect.p50",    "ms",    1, LATENCY_PERCENT, LATENCY_MS},
	{"connect-p99",   "latency_ms.connect.p99",    "ms",    1, LATENCY_PERCENT, LATENCY_MS},
	{"mqsd-cpu",      "cost.us_per_call.mqsd",     "us a call", 0, COST_PERCENT, COST_US},
	{"redis-cpu",     "cost.us_per_call.redis",    "us a call", 0, COST_PERCENT, COST_US},
	{"loadtest-cpu",  "cost.us_per_call.loadtest", "us a call", 0, COST_PERCENT, COST_US},
	{"mqsd-memory",   "processes.mqsd-1.rss_max_mb", "MB",  1, MEMORY_PERCENT, MEMORY_MB},
	{"redis-memory",  "processes.redis.rss_max_mb",  "MB",  1, MEMORY_PERCENT, MEMORY_MB},
};
/* clang-format on */

const size_t compare_row_count = sizeof(compare_rows) / sizeof(compare_rows[0]);

_Static_assert(sizeof(compare_rows) / sizeof(compare_rows[0]) <= COMPARE_ROWS_MAX, "rows");

void
compare_defaults(struct compare_limits *limits)
{
	size_t i;

	for (i = 0; i < compare_row_count; i++)
		limits->percent[i] = compare_rows[i].percent;
}

int
compare_limit(struct compare_limits *limits, const char *text, struct err *err)
{
	const char *equals = strchr(text, '='), *number = equals != NULL ? equals + 1 : text;
	size_t len = equals != NULL ? (size_t)(equals - text) : 0, i, taken = 0;
	double percent;
	char *end;

	percent = strtod(number, &end);
	if (end == number || *end != '\0' || !(percent >= 0 && percent <= PERCENT_MAX))
		return err_set(err, "--threshold %s: a percentage from 0 to %d is wanted", text,
			       PERCENT_MAX);
	for (i = 0; i < compare_row_count; i++) {
		const struct compare_row *row = &compare_rows[i];

		if (equals != NULL ? strlen(row->name) != len || strncmp(row->name, text, len) != 0
				   : row->margin == 0)
			continue;
		limits->percent[i] = percent;
		taken++;
	}
	return taken > 0 ? 0
			 : err_set(err,
				   "--threshold %s: there is no figure of that name; there "
				   "are such as %s",
				   text, compare_rows[4].name);
}

int
compare_check(const json_t *before, const json_t *after, struct err *err)
{
	const char *a = figure_text(before, "profile"), *b = figure_text(after, "profile");

	if (strcmp(a, b) == 0)
		return 0;
	return err_set(err, "one report is of the profile %s, the other of %s: nothing to compare",
		       *a != '\0' ? a : "-", *b != '\0' ? b : "-");
}

/* Different options or versions explain different figures. */
static void
print_differences(const json_t *before, const json_t *after, const char *group, FILE *out)
{
	const char *name, *a, *b;
	json_t *value;

	json_object_foreach((json_t *)figure_at(after, group), name, value)
	{
		b = json_is_string(value) ? json_string_value(value) : "";
		a = json_string_value(json_object_get(figure_at(before, group), name));
		if (a == NULL || strcmp(a, b) != 0)
			fprintf(out, "%s: %s before, %s after\n", name, a != NULL ? a : "-", b);
	}
}

static bool
is_worse(const struct compare_row *row, double percent, double a, double b)
{
	/* A figure that is not there any more can't be held against anything. */
	if (isnan(a) || isnan(b))
		return false;
	return b > a * (1 + percent / 100) && b - a > row->margin;
}

size_t
compare_print(const json_t *before, const json_t *after, const struct compare_limits *limits,
	      FILE *out)
{
	char a_text[FIGURE_MAX], b_text[FIGURE_MAX], change[FIGURE_MAX];
	size_t i, worse = 0;
	double a, b;
	bool bad;

	print_differences(before, after, "options", out);
	print_differences(before, after, "versions", out);
	fprintf(out, "%-14s %14s %14s %9s\n", "", "before", "after", "change");
	for (i = 0; i < compare_row_count; i++) {
		const struct compare_row *row = &compare_rows[i];

		a = figure(before, row->path);
		b = figure(after, row->path);
		bad = is_worse(row, limits->percent[i], a, b);
		worse += bad;
		snprintf(change, sizeof(change), "-");
		if (a > 0 && !isnan(b))
			snprintf(change, sizeof(change), "%+.1f %%", (b - a) / a * 100);
		fprintf(out, "%-14s %14s %14s %9s  %-9s%s\n", row->name,
			figure_print(a, row->decimals, a_text),
			figure_print(b, row->decimals, b_text), change, row->unit,
			bad ? "  worse" : "");
	}
	fprintf(out, "%zu of %zu figures are worse than is borne\n", worse, compare_row_count);
	return worse;
}
