/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the copy of a pool: refused with the file's name in front, or written again they
 * read the same. The sum is put right first, or nothing but the corpus would come far. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/export.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *
parse(const char *text, size_t len, struct export_head *head)
{
	struct err err = {""};
	json_t *objects = export_parse("copy", text, len, head, &err);

	if (objects == NULL && strncmp(err.text, "copy:", 5) != 0)
		abort();
	return objects;
}

static size_t
lines_in(const char *text)
{
	size_t lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static size_t
line_of(const struct err *err)
{
	size_t line;

	return sscanf(err->text, "copy:%zu:", &line) == 1 ? line : 0;
}

/* "... its sum is X, of N objects": what the last line should have said. */
static json_t *
parse_summed(const char *text, size_t len, struct export_head *head)
{
	struct err err = {""};
	char *whole = mem_printf("%.*s# end x\n", (int)len, text), *at, sum[17];
	size_t count;
	json_t *objects = export_parse("copy", whole, strlen(whole), head, &err);

	/* Of the last line, that is; an end in the middle is no better with another behind it. */
	at = objects == NULL && line_of(&err) == lines_in(whole) ? strstr(err.text, "its sum is ")
								 : NULL;
	if (at != NULL && sscanf(at, "its sum is %16[0-9a-f], of %zu", sum, &count) == 2) {
		free(whole);
		whole = mem_printf("%.*s# end objects %zu sum %s\n", (int)len, text, count, sum);
		objects = parse(whole, strlen(whole), head);
		if (objects == NULL)
			abort();
	}
	free(whole);
	return objects;
}

static char *
write_all(const json_t *objects, const struct export_head *head, size_t *len)
{
	size_t n = json_array_size(objects), i;
	char **lines = mem_zero((n + 1) * sizeof(*lines)), *text;

	for (i = 0; i < n; i++)
		lines[i] = export_object(json_array_get(objects, i));
	text = export_text(head, (const char *const *)lines, n, len);
	for (i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_head head, again_head;
	json_t *objects, *again;
	size_t len, twice_len;
	char *text, *twice;

	json_decref(parse((const char *)data, size, &head));
	objects = parse_summed((const char *)data, size, &head);
	if (objects == NULL)
		return 0;
	text = write_all(objects, &head, &len);
	again = parse(text, len, &again_head);
	if (again == NULL)
		abort();
	twice = write_all(again, &again_head, &twice_len);
	if (len != twice_len || memcmp(text, twice, len) != 0)
		abort();
	free(text);
	free(twice);
	json_decref(objects);
	json_decref(again);
	return 0;
}
