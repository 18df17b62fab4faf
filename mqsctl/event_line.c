/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/event_line.h"

#include <string.h>

#include "lib/event.h"
#include "mqsctl/output.h"
#include "mqsctl/render.h"

static void
print_field(FILE *out, const char *key, const json_t *value)
{
	char text[OUTPUT_CELL_MAX], name[64], *s;

	output_printable(name, sizeof(name), key, strlen(key));
	render_json(value, text, sizeof(text));
	if (!strpbrk(text, " \"")) {
		fprintf(out, " %s=%s", name, text);
		return;
	}
	/* A caller's name must not be able to forge a field. */
	fprintf(out, " %s=\"", name);
	for (s = text; *s; s++)
		if (*s == '"')
			fputs("\\x22", out);
		else
			fputc(*s, out);
	fputc('"', out);
}

/* What stands at the line's beginning already, or is empty, is not said again. */
static bool
is_shown(const char *key, const json_t *value, const char *skip)
{
	return strcmp(key, "event") != 0 && strcmp(key, "at") != 0 && strcmp(key, "id") != 0 &&
	       !(skip && strcmp(key, skip) == 0) && value && !json_is_null(value) &&
	       !(json_is_string(value) && json_string_length(value) == 0);
}

void
event_line(FILE *out, const char *event, const json_t *fields, const char *skip)
{
	const struct event_row *row = event_find(event);
	char clean[128];
	const json_t *value;
	const char *key;
	size_t i;

	output_printable(clean, sizeof(clean), event, strlen(event));
	fputs(clean, out);
	for (i = 0; row && i < EVENT_FIELDS_MAX && row->fields[i].name; i++) {
		value = json_object_get(fields, row->fields[i].name);
		if (is_shown(row->fields[i].name, value, skip))
			print_field(out, row->fields[i].name, value);
	}
	json_object_foreach((json_t *)fields, key, value)
	{
		if (is_shown(key, value, skip) && !(row && event_field_find(row, key)))
			print_field(out, key, value);
	}
	fputc('\n', out);
}
