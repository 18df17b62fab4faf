/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/follow.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

void
follow_open(struct follow *f, const char *path)
{
	*f = (struct follow){.path = mem_dup(path)};
}

static void
keep(struct follow *f, const char *text, size_t len)
{
	f->part = mem_grow(f->part, f->part_len + len + 1, 1);
	memcpy(f->part + f->part_len, text, len);
	f->part_len += len;
	f->part[f->part_len] = '\0';
}

int
follow_read(struct follow *f, follow_line *line, void *arg)
{
	char chunk[65536], *start, *end;
	size_t n;
	int lines = 0;

	if (f->in == NULL)
		f->in = fopen(f->path, "re");
	if (f->in == NULL)
		return 0;
	clearerr(f->in);
	while ((n = fread(chunk, 1, sizeof(chunk), f->in)) > 0) {
		for (start = chunk; n > 0; start = end + 1) {
			end = memchr(start, '\n', n);
			keep(f, start, end != NULL ? (size_t)(end - start) : n);
			if (end == NULL)
				break;
			n -= (size_t)(end - start) + 1;
			line(arg, f->part);
			f->part_len = 0;
			lines++;
		}
	}
	return lines;
}

void
follow_close(struct follow *f)
{
	if (f->in != NULL)
		fclose(f->in);
	free(f->part);
	free(f->path);
	*f = (struct follow){0};
}
