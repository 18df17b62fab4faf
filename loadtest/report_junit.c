/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdio.h>

#include "loadtest/figure.h"
#include "loadtest/markup.h"
#include "loadtest/promise.h"
#include "loadtest/report.h"

static void
print_line(void *arg, const char *text)
{
	markup_text(arg, text);
	fputc('\n', arg);
}

static void
print_case(const json_t *report, const struct promise *p, const char *suite, FILE *out)
{
	size_t broken = promise_broken(p, report);

	fputs("    <testcase classname=\"", out);
	markup_text(out, suite);
	fprintf(out, "\" name=\"%s\"", p->name);
	if (p->applies != NULL && !p->applies(report)) {
		fputs("><skipped/></testcase>\n", out);
		return;
	}
	if (broken == 0) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, ">\n      <failure message=\"broken %zu times: ", broken);
	markup_text(out, p->sentence);
	fputs("\">", out);
	promise_tell(p, report, REPORT_LINES, print_line, out);
	fputs("</failure>\n    </testcase>\n", out);
}

/* Whether it was made at all is no promise of the servers, so it is an error and no failure. */
static void
print_made(const json_t *report, const char *suite, FILE *out)
{
	char line[REPORT_RESULT_MAX];

	fputs("    <testcase classname=\"", out);
	markup_text(out, suite);
	fputs("\" name=\"rates\"", out);
	if (report_broken_off(report, line) == NULL) {
		fputs("/>\n", out);
		return;
	}
	fputs("><error message=\"", out);
	markup_text(out, line);
	fputs("\"/></testcase>\n", out);
}

static double
lasted(const json_t *report)
{
	double s = figure(report, "lasted_s");

	return isnan(s) ? 0 : s;
}

void
report_junit(const json_t *report, FILE *out)
{
	const char *profile = figure_text(report, "profile");
	size_t i, broken = 0, skipped = 0;
	char origin[REPORT_ORIGIN_MAX];
	char line[REPORT_RESULT_MAX];

	for (i = 0; i < promise_count; i++) {
		broken += promise_broken(&promises[i], report) > 0;
		skipped += promises[i].applies != NULL && !promises[i].applies(report);
	}
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
	if (report_caveat(report) != NULL)
		fprintf(out, "<!-- %s -->\n", report_caveat(report));
	fputs("<testsuites>\n  <testsuite name=\"loadtest ", out);
	markup_text(out, profile);
	fprintf(out,
		"\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\" time=\"%.3f\">\n",
		promise_count + 1, broken, report_broken_off(report, line) != NULL, skipped,
		lasted(report));
	print_made(report, profile, out);
	for (i = 0; i < promise_count; i++)
		print_case(report, &promises[i], profile, out);
	fputs("    <system-out>", out);
	markup_text(out, report_extent(report, line));
	fputc('\n', out);
	if (report_origin(report, origin) != NULL) {
		fputs("again: ", out);
		markup_text(out, origin);
		fputc('\n', out);
	}
	markup_text(out, report_result(report, line));
	fputs("</system-out>\n  </testsuite>\n</testsuites>\n", out);
}
