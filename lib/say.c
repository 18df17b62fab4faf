/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *
say_age(int64_t ms, char *out)
{
	int64_t s = ms / 1000;

	if (s >= 86400)
		snprintf(out, SAY_MAX, "%" PRId64 " d %" PRId64 " h", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		snprintf(out, SAY_MAX, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(out, SAY_MAX, "%" PRId64 " min", s / 60);
	else
		snprintf(out, SAY_MAX, "%" PRId64 " s", s);
	return out;
}

char *
say_count(int64_t n, char *out)
{
	char digits[SAY_MAX];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, n < 0 ? -n : n), i;
	char *at = out;

	if (n < 0)
		*at++ = '-';
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}
