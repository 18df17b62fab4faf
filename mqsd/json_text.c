/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/json_text.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

void
json_text_add(struct json_text *text, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	if (text->len + len > text->cap) {
		text->cap = 2 * (text->len + len);
		text->data = mem_grow(text->data, text->cap, 1);
	}
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
}

void
json_text_string(struct json_text *text, const char *s)
{
	char escape[8];
	size_t plain;
	int n;

	json_text_add(text, "\"", 1);
	for (;;) {
		for (plain = 0;
		     (unsigned char)s[plain] >= ' ' && s[plain] != '"' && s[plain] != '\\'; plain++)
			;
		json_text_add(text, s, plain);
		s += plain;
		if (*s == '\0')
			break;
		n = *s == '"' || *s == '\\'
			    ? snprintf(escape, sizeof(escape), "\\%c", *s)
			    : snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)*s);
		json_text_add(text, escape, (size_t)n);
		s++;
	}
	json_text_add(text, "\"", 1);
}

void
json_text_int(struct json_text *text, int64_t n)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (n < 0)
		*--at = '-';
	json_text_add(text, at, (size_t)(digits + sizeof(digits) - at));
}
