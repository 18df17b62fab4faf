/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsctl/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

void
candidates_add(struct candidates *c, const char *text, const char *help)
{
	/* Room doubles at each power of two, so the count says how much there is. */
	if ((c->count & (c->count - 1)) == 0)
		c->list = mem_grow(c->list, c->count ? 2 * c->count : 1, sizeof(c->list[0]));
	c->list[c->count++] = (struct candidate){mem_dup(text), mem_dup(help ? help : "")};
}

static void
candidate_free(struct candidate *candidate)
{
	free(candidate->text);
	free(candidate->help);
}

void
candidates_clear(struct candidates *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		candidate_free(&c->list[i]);
	free(c->list);
	*c = (struct candidates){0};
}

static int
by_text(const void *a, const void *b)
{
	return strverscmp(((const struct candidate *)a)->text, ((const struct candidate *)b)->text);
}

void
candidates_keep(struct candidates *c, const char *prefix)
{
	size_t i, kept = 0, len = strlen(prefix);

	if (c->count > 1)
		qsort(c->list, c->count, sizeof(c->list[0]), by_text);
	for (i = 0; i < c->count; i++) {
		if (strncmp(c->list[i].text, prefix, len) != 0 ||
		    (kept > 0 && strcmp(c->list[i].text, c->list[kept - 1].text) == 0))
			candidate_free(&c->list[i]);
		else
			c->list[kept++] = c->list[i];
	}
	c->count = kept;
}

size_t
candidates_common(const struct candidates *c)
{
	size_t i, n, len;

	if (c->count == 0)
		return 0;
	len = strlen(c->list[0].text);
	for (i = 1; i < c->count; i++) {
		for (n = 0; n < len && c->list[i].text[n] == c->list[0].text[n]; n++)
			;
		len = n;
	}
	while (len > 0 && ((unsigned char)c->list[0].text[len] & 0xc0) == 0x80)
		len--;
	return len;
}
