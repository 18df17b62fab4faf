/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSCTL_FINDINGS_H
#define MQSCTL_FINDINGS_H

#include <jansson.h>

struct shell;

/* What mqsd's doctor replies: {findings: [{about, severity, text, hint}], errors, warnings, ok}. */

/* Adds one at the end (at: -1) or before that one, and counts it. severity: "ok", "warning",
 * "error"; hint may be NULL. */
void findings_add(json_t *reply, int at, const char *about, const char *severity, const char *hint,
		  const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Shows them, a line each and what to do below it. Steals the reply. SHELL_REFUSED when there is an
 * error among them, else SHELL_DONE. */
int findings_show(struct shell *shell, json_t *reply);

#endif
