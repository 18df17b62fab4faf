/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_FIGURE_H
#define LOADTEST_FIGURE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Figures of a report (mqs-report(5)) by their path, such as "latency_ms.offer.p99". Pure. */

/* NULL when there is nothing there. Borrowed. */
const json_t *figure_at(const json_t *report, const char *path);

/* NAN when there is no number. */
double figure(const json_t *report, const char *path);

/* A time: 0 when there is no number, or none of a time. */
int64_t figure_time(const json_t *report, const char *path);

/* "" when there is no text. Borrowed. */
const char *figure_text(const json_t *report, const char *path);

/* A text that strangers wrote, as a report has it: printable (lib/text.h). NULL for NULL. The
 * caller owns it. */
json_t *figure_foreign(const char *text);

#define FIGURE_MAX 48

/* "240,000" or "41.3", with so many decimals; "-" for NAN. Returns out (FIGURE_MAX). */
char *figure_print(double value, int decimals, char *out);

/* "9 h 59 min", "80 min", "40 s": never more than it was. Returns out (FIGURE_MAX). */
char *figure_lasted(double seconds, char *out);

#endif
