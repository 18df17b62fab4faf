/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/http_path.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/text.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Up to the end of in; -1: a percent sign without its digits. */
static int
decode(char *out, size_t *out_len, const char *in, size_t len)
{
	size_t i;

	*out_len = 0;
	for (i = 0; i < len; i++) {
		if (in[i] != '%') {
			out[(*out_len)++] = in[i];
			continue;
		}
		if (i + 2 >= len || hex(in[i + 1]) < 0 || hex(in[i + 2]) < 0)
			return -1;
		out[(*out_len)++] = (char)(hex(in[i + 1]) * 16 + hex(in[i + 2]));
		i += 2;
	}
	return 0;
}

static bool
is_dots(const char *text, size_t len)
{
	return (len == 1 && text[0] == '.') || (len == 2 && text[0] == '.' && text[1] == '.');
}

static int
check_segment(const char *segment, size_t len, struct err *err)
{
	char text[HTTP_PATH_MAX];
	size_t text_len, i, n;

	if (decode(text, &text_len, segment, len) != 0)
		return err_set(err, "the path has a %% that no two hex digits follow");
	if (is_dots(text, text_len))
		return err_set(err, "the path has a . or .. in it");
	for (i = 0; i < text_len; i += n) {
		n = text_utf8_len(text + i, text_len - i);
		if (n == 0)
			return err_set(err, "the path is not UTF-8");
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f || strchr("/\\%", text[i]))
			return err_set(err,
				       "the path hides a slash, a backslash, a percent sign or "
				       "a control character");
	}
	return 0;
}

int
http_path_check(const char *path, struct err *err)
{
	size_t len;

	if (strlen(path) >= HTTP_PATH_MAX)
		return err_set(err, "the path is longer than %d bytes", HTTP_PATH_MAX - 1);
	if (*path != '/')
		return err_set(err, "the path does not begin with a slash");
	do {
		path++;
		len = strcspn(path, "/");
		if (len == 0 && *path == '/')
			return err_set(err, "the path has two slashes in a row");
		if (check_segment(path, len, err) != 0)
			return -1;
		path += len;
	} while (*path != '\0');
	return 0;
}

char *
http_path_name(const char *segment, size_t len)
{
	char *out = mem_alloc(len + 1);
	size_t out_len;

	if (decode(out, &out_len, segment, len) == 0 && !is_dots(out, out_len)) {
		out[out_len] = '\0';
		if (strlen(out) == out_len && text_is_name(out))
			return out;
	}
	free(out);
	return NULL;
}
