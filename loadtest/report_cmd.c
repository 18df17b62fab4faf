/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/report_cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loadtest/compare.h"
#include "loadtest/report.h"

#define NOT_MADE 2 /* exit status */

static int
complain(const struct err *err)
{
	fprintf(stderr, "loadtest: %s\n", err->text);
	return NOT_MADE;
}

/* "-" is our output. */
static int
write_form(const json_t *report, const char *path, void (*form)(const json_t *, FILE *),
	   struct err *err)
{
	bool ours = strcmp(path, "-") == 0, good;
	FILE *out = ours ? stdout : fopen(path, "we");

	if (out == NULL)
		return err_set(err, "%s: %s", path, strerror(errno));
	form(report, out);
	good = fflush(out) == 0 && !ferror(out);
	if (!ours && fclose(out) != 0)
		good = false;
	return good ? 0 : err_set(err, "%s cannot be written: %s", path, strerror(errno));
}

int
report_cmd(int argc, char **argv)
{
	static const struct option rows[] = {{"html", required_argument, NULL, 'h'},
					     {"junit", required_argument, NULL, 'j'},
					     {"text", no_argument, NULL, 't'},
					     {NULL, 0, NULL, 0}};
	const char *html = NULL, *junit = NULL;
	bool text = false;
	json_t *report;
	struct err err;
	int letter, rc = 0;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (letter == '?')
			return NOT_MADE;
		html = letter == 'h' ? optarg : html;
		junit = letter == 'j' ? optarg : junit;
		text = text || letter == 't';
	}
	if (argc - optind != 1) {
		fputs("loadtest: report takes the directory of one run, or its report\n", stderr);
		return NOT_MADE;
	}
	report = report_read(argv[optind], &err);
	if (report == NULL)
		return complain(&err);
	if (html != NULL)
		rc = write_form(report, html, report_html, &err);
	if (rc == 0 && junit != NULL)
		rc = write_form(report, junit, report_junit, &err);
	if (rc == 0 && (text || (html == NULL && junit == NULL)))
		rc = write_form(report, "-", report_text, &err);
	json_decref(report);
	return rc == 0 ? 0 : complain(&err);
}

int
report_cmd_compare(int argc, char **argv)
{
	static const struct option rows[] = {{"threshold", required_argument, NULL, 't'},
					     {NULL, 0, NULL, 0}};
	json_t *before = NULL, *after = NULL;
	struct compare_limits limits;
	struct err err;
	int letter, rc = 0;

	compare_defaults(&limits);
	optind = 1;
	while (rc == 0 && (letter = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (letter != 't')
			return NOT_MADE;
		rc = compare_limit(&limits, optarg, &err);
	}
	if (rc == 0 && argc - optind != 2)
		rc = err_set(&err, "compare takes two reports: before and after");
	if (rc == 0 && ((before = report_read(argv[optind], &err)) == NULL ||
			(after = report_read(argv[optind + 1], &err)) == NULL ||
			compare_check(before, after, &err) != 0))
		rc = -1;
	if (rc == 0)
		rc = compare_print(before, after, &limits, stdout) > 0 ? 1 : 0;
	else
		rc = complain(&err);
	json_decref(before);
	json_decref(after);
	return rc;
}
