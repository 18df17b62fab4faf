/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADTEST_REPORT_STYLE_H
#define LOADTEST_REPORT_STYLE_H

/* How the HTML report looks: its style sheet. */
extern const char *const report_style;

#endif
