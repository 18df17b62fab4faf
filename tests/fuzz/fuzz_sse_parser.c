/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a stream of events: the same events come out however the bytes are cut. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sse_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum over all events that depends on their order. */
static int
take(void *arg, const char *id, const char *name, const char *data)
{
	const char *const texts[] = {id, name, data};
	uint64_t *sum = arg;
	size_t i, k;

	for (i = 0; i < 3; i++)
		for (k = 0; k <= strlen(texts[i]); k++)
			*sum = (*sum ^ (unsigned char)texts[i][k]) * 1099511628211U;
	return 0;
}

static uint64_t
parse(const uint8_t *data, size_t size, size_t step)
{
	struct sse_parser sse;
	uint64_t sum = 14695981039346656037U;
	size_t at, len;

	sse_parser_init(&sse, take, &sum);
	for (at = 0; at < size; at += len) {
		len = size - at < step ? size - at : step;
		if (sse_parser_feed(&sse, (const char *)data + at, len) != SSE_MORE)
			break;
	}
	sse_parser_clear(&sse);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = parse(data, size, size > 0 ? size : 1);

	if (parse(data, size, 1) != whole || parse(data, size, 7) != whole)
		abort();
	return 0;
}
