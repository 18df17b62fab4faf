/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sse_parser.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

void
sse_parser_init(struct sse_parser *sse, sse_event_cb *event, void *arg)
{
	*sse = (struct sse_parser){.event = event, .arg = arg};
}

void
sse_parser_clear(struct sse_parser *sse)
{
	free(sse->line.s);
	free(sse->id.s);
	free(sse->name.s);
	free(sse->data.s);
	*sse = (struct sse_parser){0};
}

static bool
text_add(struct sse_text *t, const char *bytes, size_t len)
{
	if (t->len + len > (size_t)SSE_EVENT_MAX)
		return false;
	if (t->len + len + 1 > t->cap) {
		t->cap = 2 * (t->len + len + 1);
		t->s = mem_grow(t->s, t->cap, 1);
	}
	memcpy(t->s + t->len, bytes, len);
	t->len += len;
	t->s[t->len] = '\0';
	return true;
}

static const char *
text_get(const struct sse_text *t)
{
	return t->len > 0 ? t->s : "";
}

static enum sse_result
dispatch(struct sse_parser *sse)
{
	int stop = 0;

	if (sse->has_data)
		stop = sse->event(sse->arg, text_get(&sse->id), text_get(&sse->name),
				  text_get(&sse->data));
	sse->name.len = sse->data.len = 0;
	sse->has_data = false;
	return stop ? SSE_STOPPED : SSE_MORE;
}

static bool
is_field(const char *line, size_t name_len, const char *name)
{
	return strlen(name) == name_len && memcmp(line, name, name_len) == 0;
}

/* A field that the standard does not name, a comment (": ping") and `retry` are skipped. */
static enum sse_result
take_field(struct sse_parser *sse)
{
	const char *line = sse->line.s, *value;
	size_t len = sse->line.len, name_len, value_len;
	const char *colon = memchr(line, ':', len);
	bool ok = true;

	name_len = colon ? (size_t)(colon - line) : len;
	value = colon ? colon + 1 : line + len;
	value_len = (size_t)(line + len - value);
	if (value_len > 0 && *value == ' ')
		value++, value_len--;
	if (is_field(line, name_len, "id")) {
		sse->id.len = 0;
		ok = text_add(&sse->id, value, value_len);
	} else if (is_field(line, name_len, "event")) {
		sse->name.len = 0;
		ok = text_add(&sse->name, value, value_len);
	} else if (is_field(line, name_len, "data")) {
		ok = (!sse->has_data || text_add(&sse->data, "\n", 1)) &&
		     text_add(&sse->data, value, value_len);
		sse->has_data = true;
	}
	return ok ? SSE_MORE : SSE_TOO_LONG;
}

static enum sse_result
end_line(struct sse_parser *sse)
{
	enum sse_result result = sse->line.len == 0 ? dispatch(sse) : take_field(sse);

	sse->line.len = 0;
	return result;
}

enum sse_result
sse_parser_feed(struct sse_parser *sse, const char *bytes, size_t len)
{
	enum sse_result result = SSE_MORE;
	size_t i;

	for (i = 0; i < len && result == SSE_MORE; i++) {
		/* Lines end in LF, CR or CRLF; the LF of a CRLF may come in the next piece. */
		if (bytes[i] == '\n' && sse->after_cr)
			sse->after_cr = false;
		else if (bytes[i] == '\n' || bytes[i] == '\r') {
			sse->after_cr = bytes[i] == '\r';
			result = end_line(sse);
		} else {
			sse->after_cr = false;
			if (!text_add(&sse->line, bytes + i, 1))
				result = SSE_TOO_LONG;
		}
	}
	return result;
}
