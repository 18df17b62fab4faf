/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mqsctl/api.h"
#include "mqsctl/render.h"
#include "mqsctl/shell.h"

/* How many of a severity there are stands under this key. */
static const struct {
	const char *severity, *key, *word;
} kinds[] = {{"error", "errors", "ERROR"}, {"warning", "warnings", "warning"}, {"ok", "ok", "ok"}};

void
findings_add(json_t *reply, int at, const char *about, const char *severity, const char *hint,
	     const char *fmt, ...)
{
	json_t *list = json_object_get(reply, "findings"), *finding;
	char text[1200];
	va_list ap;
	size_t i;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	finding = json_pack("{s:s, s:s, s:s, s:s*}", "about", about, "severity", severity, "text",
			    text, "hint", hint);
	if (at < 0)
		json_array_append_new(list, finding);
	else
		json_array_insert_new(list, (size_t)at, finding);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].severity, severity) == 0)
			json_object_set_new(reply, kinds[i].key,
					    json_integer(render_integer(reply, kinds[i].key) + 1));
}

static const char *
word_of(const char *severity)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].severity, severity) == 0)
			return kinds[i].word;
	return severity;
}

int
findings_show(struct shell *shell, json_t *reply)
{
	int64_t errors = render_integer(reply, "errors");
	int64_t warnings = render_integer(reply, "warnings");
	const json_t *finding;
	const char *hint;
	size_t i;

	json_array_foreach(json_object_get(reply, "findings"), i, finding)
	{
		shell_say(shell, "%-7s  %s: %s", word_of(render_string(finding, "severity")),
			  render_string(finding, "about"), render_string(finding, "text"));
		hint = render_string(finding, "hint");
		if (*hint != '\0')
			shell_say(shell, "         %s", hint);
	}
	shell_say(shell, "%" PRId64 " error%s, %" PRId64 " warning%s, %" PRId64 " ok", errors,
		  errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s",
		  render_integer(reply, "ok"));
	api_done(shell, reply);
	return errors > 0 ? SHELL_REFUSED : SHELL_DONE;
}
