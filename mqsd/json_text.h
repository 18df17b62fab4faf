/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MQSD_JSON_TEXT_H
#define MQSD_JSON_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* JSON as it is written, a piece behind the other, for what is too much to be built as a tree.
 * Zeroed it is empty; data is not terminated, and the owner's to free. */
struct json_text {
	char *data;
	size_t len, cap;
};

void json_text_add(struct json_text *text, const char *bytes, size_t len); /* as it stands */
void json_text_string(struct json_text *text, const char *s);		   /* UTF-8 */
void json_text_int(struct json_text *text, int64_t n);

#endif
