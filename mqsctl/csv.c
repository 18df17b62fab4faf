/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/csv.h"

#include <stdlib.h>
#include <string.h>

#include "mqsctl/output.h"

static void
put_text(FILE *out, const char *text)
{
	char *clean = output_printable_dup(text), *s;

	if (!strpbrk(clean, ",\" ")) {
		fputs(clean, out);
	} else {
		fputc('"', out);
		for (s = clean; *s; s++) {
			if (*s == '"')
				fputc('"', out);
			fputc(*s, out);
		}
		fputc('"', out);
	}
	free(clean);
}

static void
put_array(FILE *out, const json_t *array)
{
	char *text = NULL;
	const char *item;
	json_t *value;
	size_t i, len;
	FILE *joined = open_memstream(&text, &len);

	json_array_foreach(array, i, value)
	{
		item = json_string_value(value);
		fprintf(joined, "%s%s", i > 0 ? " " : "", item ? item : "");
	}
	fclose(joined);
	put_text(out, text);
	free(text);
}

static void
put_value(FILE *out, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		put_text(out, json_string_value(value));
	} else if (json_is_array(value)) {
		put_array(out, value);
	} else if (value && !json_is_null(value)) {
		text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		put_text(out, text);
		free(text);
	}
}

void
csv_write(FILE *out, bool header, const struct column *columns, size_t count, const json_t *objects)
{
	const json_t *object;
	size_t row, i;

	for (i = 0; header && i < count; i++)
		fprintf(out, "%s%s", columns[i].key, i + 1 < count ? "," : "\r\n");
	json_array_foreach(objects, row, object)
	{
		for (i = 0; i < count; i++) {
			put_value(out, json_object_get(object, columns[i].key));
			fputs(i + 1 < count ? "," : "\r\n", out);
		}
	}
}
