/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

bool
text_is_name(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= TEXT_NAME_MAX &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
		       len;
}

/* RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF. */
size_t
text_utf8_len(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t n, i;
	uint32_t code;

	if (len == 0)
		return 0;
	if (u[0] < 0x80)
		return 1;
	if (u[0] >= 0xc2 && u[0] <= 0xdf)
		n = 2, code = u[0] & 0x1fU;
	else if ((u[0] & 0xf0) == 0xe0)
		n = 3, code = u[0] & 0x0fU;
	else if (u[0] >= 0xf0 && u[0] <= 0xf4)
		n = 4, code = u[0] & 0x07U;
	else
		return 0;
	if (len < n)
		return 0;
	for (i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3fU);
	}
	if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

uint32_t
text_code(const char *s, size_t n)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = (unsigned char)s[0] & lead[n];
	size_t i;

	for (i = 1; i < n; i++)
		code = code << 6 | ((unsigned char)s[i] & 0x3fU);
	return code;
}

bool
text_is_control(const char *s, size_t n)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0, 0x1f},	  {0x7f, 0x9f},	    {0x61c, 0x61c},
		{0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e},
		{0x2060, 0x2060}, {0x2066, 0x2069}, {0xfeff, 0xfeff},
	};
	uint32_t code = text_code(s, n);
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

size_t
text_printable(char *out, size_t size, const char *in, size_t len)
{
	size_t o = 0, i = 0, n;

	while (i < len) {
		n = text_utf8_len(in + i, len - i);
		if (n > 0 && !text_is_control(in + i, n) && in[i] != '\\') {
			if (o + n >= size)
				break;
			memcpy(out + o, in + i, n);
			o += n;
			i += n;
			continue;
		}
		if (o + 4 >= size)
			break;
		snprintf(out + o, 5, "\\x%02x", (unsigned char)in[i]);
		o += 4;
		i++;
	}
	out[o] = '\0';
	return o;
}

char *
text_printable_dup(const char *in)
{
	size_t len = strlen(in), size = 4 * len + 1;
	char *out = mem_alloc(size);

	text_printable(out, size, in, len);
	return out;
}

#define NEAREST_MAX 64

static size_t
edit_distance(const char *a, const char *b)
{
	size_t row[NEAREST_MAX + 1], la = strlen(a), lb = strlen(b), i, j, diagonal, up, best;

	if (la > NEAREST_MAX || lb > NEAREST_MAX)
		return SIZE_MAX;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			up = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = up;
		}
	}
	return row[lb];
}

const char *
text_nearest(const char *word, const char *(*name)(const void *table, size_t i), const void *table,
	     size_t n)
{
	size_t limit = strlen(word) / 2 > 2 ? strlen(word) / 2 : 2, best = limit + 1, d, i;
	const char *found = NULL;

	for (i = 0; i < n; i++) {
		d = edit_distance(word, name(table, i));
		if (d < best) {
			best = d;
			found = name(table, i);
		}
	}
	return found;
}
