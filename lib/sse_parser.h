/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_SSE_PARSER_H
#define LIB_SSE_PARSER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Parser of a server-sent event stream (text/event-stream): bytes in, in pieces of any size, events
 * out. Pure: no I/O, no clock.
 */

/* One event, with all its data lines, may hold this much; more than that is a broken stream. */
#define SSE_EVENT_MAX (1024L * 1024)

/* Non-zero stops the parser. The strings live until it returns; id and name are "" when not given.
 */
typedef int sse_event_cb(void *arg, const char *id, const char *name, const char *data);

struct sse_text {
	char *s;
	size_t len, cap;
};

struct sse_parser {
	struct sse_text line, id, name, data;
	bool has_data, after_cr;
	sse_event_cb *event;
	void *arg;
};

void sse_parser_init(struct sse_parser *sse, sse_event_cb *event, void *arg);
void sse_parser_clear(struct sse_parser *sse);

enum sse_result { SSE_MORE, SSE_STOPPED, SSE_TOO_LONG };

/* Feeds bytes; after anything but SSE_MORE the rest of them was not looked at. */
enum sse_result sse_parser_feed(struct sse_parser *sse, const char *bytes, size_t len);

#endif
