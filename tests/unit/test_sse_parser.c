/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sse_parser.h"

struct heard {
	char text[1024];
	int left; /* stop after so many */
};

static int
hear(void *arg, const char *id, const char *name, const char *data)
{
	struct heard *heard = arg;
	size_t len = strlen(heard->text);

	snprintf(heard->text + len, sizeof(heard->text) - len, "[%s|%s|%s]", id, name, data);
	return --heard->left == 0;
}

/* The same in pieces of each size must give the same events. */
static void
assert_events(const char *bytes, const char *expected)
{
	size_t len = strlen(bytes), piece, at;

	for (piece = 1; piece <= len; piece++) {
		struct heard heard = {.left = 100};
		struct sse_parser sse;

		sse_parser_init(&sse, hear, &heard);
		for (at = 0; at < len; at += piece)
			assert_int_equal(sse_parser_feed(&sse, bytes + at,
							 len - at < piece ? len - at : piece),
					 SSE_MORE);
		assert_string_equal(heard.text, expected);
		sse_parser_clear(&sse);
	}
}

static void
events(void **state)
{
	(void)state;
	assert_events("id: 1-0\nevent: a\ndata: {}\n\n", "[1-0|a|{}]");
	assert_events("id:1\r\nevent:a\r\ndata:x\r\n\r\ndata: y\r\n\r\n", "[1|a|x][1||y]");
	assert_events("data: 1\rdata:  2\r\r", "[||1\n 2]");
	assert_events(": ping\n\n: ping\n\n", "");
	assert_events("event: a\n\ndata: b\n\n", "[||b]");
	assert_events("retry: 5\nnonsense\nidx: 4\ndata\n\n", "[||]");
	assert_events("data: cut", "");
}

static void
stops(void **state)
{
	struct heard heard = {.left = 1};
	struct sse_parser sse;
	const char *bytes = "data: 1\n\ndata: 2\n\n";

	(void)state;
	sse_parser_init(&sse, hear, &heard);
	assert_int_equal(sse_parser_feed(&sse, bytes, strlen(bytes)), SSE_STOPPED);
	assert_string_equal(heard.text, "[||1]");
	sse_parser_clear(&sse);
}

static void
is_bounded(void **state)
{
	struct heard heard = {.left = 100};
	char *piece = malloc(64 * 1024);
	enum sse_result result = SSE_MORE;
	struct sse_parser sse;
	int i;

	(void)state;
	/* One endless line. */
	memset(piece, 'x', 64 * 1024);
	sse_parser_init(&sse, hear, &heard);
	for (i = 0; i < 17 && result == SSE_MORE; i++)
		result = sse_parser_feed(&sse, piece, 64 * 1024);
	assert_int_equal(result, SSE_TOO_LONG);
	assert_int_equal(i, 17);
	sse_parser_clear(&sse);

	/* Endless data lines in one event. */
	memcpy(piece, "data: ", 6);
	piece[64 * 1024 - 1] = '\n';
	sse_parser_init(&sse, hear, &heard);
	for (i = 0, result = SSE_MORE; i < 18 && result == SSE_MORE; i++)
		result = sse_parser_feed(&sse, piece, 64 * 1024);
	assert_int_equal(result, SSE_TOO_LONG);
	assert_string_equal(heard.text, "");
	sse_parser_clear(&sse);
	free(piece);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),
		cmocka_unit_test(stops),
		cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
