/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"

static const char *const severities[] = {"ok", "warning", "error"};

void
finding_add(json_t *list, const char *about, enum finding_severity severity, const char *hint,
	    const char *fmt, ...)
{
	char text[1200], clean[1600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_printable(clean, sizeof(clean), text, strlen(text));
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s*}", "about", about, "severity",
					      severities[severity], "text", clean, "hint", hint));
}

size_t
finding_count(const json_t *list, enum finding_severity severity)
{
	const json_t *finding;
	size_t i, n = 0;

	json_array_foreach((json_t *)list, i, finding)
	{
		n += strcmp(json_string_value(json_object_get(finding, "severity")),
			    severities[severity]) == 0;
	}
	return n;
}

json_t *
finding_reply(json_t *findings)
{
	return json_pack("{s:O, s:I, s:I, s:I}", "findings", findings, "errors",
			 (json_int_t)finding_count(findings, FINDING_ERROR), "warnings",
			 (json_int_t)finding_count(findings, FINDING_WARNING), "ok",
			 (json_int_t)finding_count(findings, FINDING_OK));
}

void
finding_name(struct finding_names *names, const char *name)
{
	size_t len = strlen(names->text);

	if (names->count++ < FINDING_NAMES_MAX)
		snprintf(names->text + len, sizeof(names->text) - len, "%s%.64s",
			 names->count > 1 ? ", " : "", name);
}

const char *
finding_names(struct finding_names *names)
{
	size_t len = strlen(names->text);

	if (names->count > FINDING_NAMES_MAX)
		snprintf(names->text + len, sizeof(names->text) - len, " and %zu more",
			 names->count - FINDING_NAMES_MAX);
	return names->text;
}
