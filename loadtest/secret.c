/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void
secret_draw(char *out, size_t size)
{
	unsigned char raw[(SECRET_SIZE - 1) / 2];
	size_t i;

	if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
		abort();
	for (i = 0; i < sizeof(raw) && 2 * i + 2 < size; i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
}
