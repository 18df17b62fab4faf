/* SPDX-License-Identifier: BSD-2-Clause */
#include "mqsd/login_limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mqsd/peer.h"

struct row {
	char source[PEER_TEXT]; /* "": free */
	int64_t until;
	int failures;
};

struct login_limit {
	struct row rows[LOGIN_SOURCES];
};

struct login_limit *
login_limit_new(void)
{
	return mem_zero(sizeof(struct login_limit));
}

void
login_limit_free(struct login_limit *limit)
{
	free(limit);
}

/* Its row, or the one to take for it: a free one has ended long ago. */
static struct row *
row_of(struct login_limit *limit, const char *source)
{
	struct row *oldest = &limit->rows[0];
	size_t i;

	for (i = 0; i < LOGIN_SOURCES; i++) {
		if (strcmp(limit->rows[i].source, source) == 0)
			return &limit->rows[i];
		if (limit->rows[i].until < oldest->until)
			oldest = &limit->rows[i];
	}
	snprintf(oldest->source, sizeof(oldest->source), "%s", source);
	oldest->until = 0;
	return oldest;
}

int64_t
login_limit_failed(struct login_limit *limit, const char *source, int64_t now, bool *first)
{
	struct row *row = row_of(limit, source);

	if (now >= row->until) {
		row->until = now + LOGIN_PERIOD_MS;
		row->failures = 0;
	}
	if (row->failures <= LOGIN_FAILURES)
		row->failures++;
	*first = row->failures == LOGIN_FAILURES;
	return row->failures >= LOGIN_FAILURES ? row->until - now : 0;
}
