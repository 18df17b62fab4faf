/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REPORT_HTML_H
#define LOADTEST_REPORT_HTML_H

#include <jansson.h>
#include <stdio.h>

/* Shared by the files that make the HTML report. */
struct html {
	const json_t *report;
	FILE *out;
};

/* A figure of the report, marked with its path, so that a test can compare the two; "–" when there
 * is none. */
void html_number(const struct html *h, const char *path, int decimals, const char *unit);

/* The drawings, and the table of processes. */
void html_curves(const struct html *h);
void html_processes(const struct html *h);

#endif
