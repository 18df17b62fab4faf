/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "loadtest/chaos_report.h"
#include "loadtest/figure.h"
#include "loadtest/promise.h"
#include "loadtest/report.h"

#define CAVEAT "signalling only, no music"

const char *
report_caveat(const json_t *report)
{
	const char *music = figure_text(report, "options.music");

	return *music == '\0' || strcmp(music, "none") == 0 ? CAVEAT : NULL;
}

const char *
report_broken_off(const json_t *report, char *out)
{
	if (!json_is_false(json_object_get(report, "complete")))
		return NULL;
	snprintf(out, REPORT_RESULT_MAX,
		 "not a whole run: ended after %.0f s, with %.0f calls in progress",
		 figure(report, "duration_s"), figure(report, "in_progress"));
	return out;
}

int
report_status(const json_t *report)
{
	size_t i, broken = 0;

	for (i = 0; i < promise_count; i++)
		broken += promise_broken(&promises[i], report);
	return broken > 0;
}

/* Plain digits: what reads the last line of a run wants no commas. */
char *
report_result(const json_t *report, char *out)
{
	const char *name = figure_text(report, "profile");
	double violations = figure(report, "invariants.violations");
	int n = snprintf(out, REPORT_RESULT_MAX,
			 "%.64s: %.0f calls, %zu dropped, %.0f disagreements",
			 *name != '\0' ? name : "run", figure(report, "calls.originated"),
			 promise_drops(report), figure(report, "witnesses.disagreements"));

	if (violations > 0)
		snprintf(out + n, (size_t)(REPORT_RESULT_MAX - n), ", %.0f violations", violations);
	return out;
}

char *
report_extent(const json_t *report, char *out)
{
	char calls[FIGURE_MAX], agents[FIGURE_MAX], lasted[FIGURE_MAX];
	double nodes = figure(report, "lab.nodes");

	snprintf(out, REPORT_RESULT_MAX, "%s callers at once, %s agents, %.0f node%s, %s",
		 figure_print(figure(report, "peak.concurrent_calls"), 0, calls),
		 figure_print(figure(report, "agents.registered"), 0, agents),
		 isnan(nodes) ? 0 : nodes, nodes == 1 ? "" : "s",
		 figure_lasted(figure(report, "lasted_s"), lasted));
	return out;
}

const char *
report_origin(const json_t *report, char *out)
{
	const char *call = figure_text(report, "replay.call");
	double around = figure(report, "replay.around_s");
	int n = 0;

	if (figure_at(report, "replay") == NULL)
		return NULL;
	if (*call == '\0')
		n = snprintf(out, REPORT_ORIGIN_MAX, "all calls");
	else if (around > 0)
		n = snprintf(out, REPORT_ORIGIN_MAX,
			     "%.0f calls, those within %.0f s of call %.160s,",
			     figure(report, "replay.calls"), around, call);
	else
		n = snprintf(out, REPORT_ORIGIN_MAX, "call %.160s", call);
	snprintf(out + n, (size_t)(REPORT_ORIGIN_MAX - n), " of the run in %.400s",
		 figure_text(report, "replay.run"));
	return out;
}

static void
print_line(void *arg, const char *text)
{
	fprintf(arg, "%s\n", text);
}

static void
print_broken(const json_t *report, FILE *out)
{
	size_t i, more;

	for (i = 0; i < promise_count; i++) {
		if (promises[i].broken(report) == 0)
			continue;
		more = promise_tell(&promises[i], report, REPORT_LINES, print_line, out);
		if (more > 0)
			fprintf(out, "and %zu more %s\n", more, promises[i].name);
	}
}

static void
print_latency(const json_t *report, const char *name, FILE *out)
{
	const json_t *row = json_object_get(figure_at(report, "latency_ms"), name);

	if (figure(row, "count") > 0)
		fprintf(out, "  %-8s p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms (%.0f)\n",
			name, figure(row, "p50"), figure(row, "p90"), figure(row, "p99"),
			figure(row, "max"), figure(row, "count"));
}

/* What the words for the causes mean, of those that there were. */
static void
print_causes(const json_t *report, FILE *out)
{
	const json_t *row;
	size_t i;

	json_array_foreach(figure_at(report, "drops.causes"), i, row) if (figure(row, "drops") > 0)
		fprintf(out, "  dropped  %.0f %s: %s\n", figure(row, "drops"),
			figure_text(row, "cause"), figure_text(row, "meaning"));
}

void
report_text(const json_t *report, FILE *out)
{
	const json_t *chaos = json_object_get(report, "chaos");
	const json_t *calls = json_object_get(report, "calls"),
		     *peak = json_object_get(report, "peak");
	char origin[REPORT_ORIGIN_MAX];
	char line[REPORT_RESULT_MAX];

	if (report_caveat(report) != NULL)
		fprintf(out, "%s\n", report_caveat(report));
	if (report_broken_off(report, line) != NULL)
		fprintf(out, "%s\n", line);
	print_broken(report, out);
	fprintf(out, "  load     %s\n", report_extent(report, line));
	if (report_origin(report, origin) != NULL)
		fprintf(out, "  again    %s\n", origin);
	fprintf(out,
		"  calls    %.0f completed, %.0f abandoned, %.0f refused, %.0f ended by a rule, "
		"%.0f drained\n",
		figure(calls, "completed"), figure(calls, "abandoned"), figure(calls, "refused"),
		figure(calls, "ruled"), figure(calls, "drained"));
	print_causes(report, out);
	fprintf(out, "  peak     %.0f calls, %.0f waiting, %.0f talking\n",
		figure(peak, "concurrent_calls"), figure(peak, "waiting"), figure(peak, "talking"));
	print_latency(report, "offer", out);
	print_latency(report, "connect", out);
	fprintf(out, "  resent   %.0f messages by callers, %.0f by agents\n",
		figure(report, "retransmissions.callers"),
		figure(report, "retransmissions.agents"));
	if (chaos != NULL) {
		chaos_report_print(chaos, out);
		fprintf(out, "  calls of killed nodes: %.0f lost\n",
			figure(report, "drops.excusable"));
	}
	fprintf(out, "%s\n", report_result(report, line));
}
