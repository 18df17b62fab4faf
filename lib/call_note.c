/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/call_note.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRIORITY_MAX 100
#define FIELDS	     5

char *
call_note_text(const struct call_note *note, char *out)
{
	snprintf(out, CALL_NOTE_MAX, "1:%s:%d:%" PRId64 ":%s", note->id, note->priority,
		 note->entered, note->queue);
	return out;
}

/* Call ids are 16 digits (of time), a dash, digits. */
static int
is_id(const char *s)
{
	size_t digits = strspn(s, "0123456789"), more;

	if (digits != 16 || s[16] != '-' || strlen(s) >= CALL_NOTE_ID_MAX)
		return 0;
	more = strspn(s + 17, "0123456789");
	return more > 0 && s[17 + more] == '\0';
}

/* Whole numbers that fit, without sign but "-". */
static int
number(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char *digits = *s == '-' ? s + 1 : s;
	size_t len = strspn(digits, "0123456789");

	if (len == 0 || len > 15 || digits[len] != '\0')
		return -1;
	*out = strtoll(s, NULL, 10);
	return *out >= min && *out <= max ? 0 : -1;
}

/* Cuts the text at its colons, in place; what is behind FIELDS of them is a later format's. */
static size_t
split(char *text, const char **fields)
{
	size_t n = 0;

	do {
		fields[n++] = text;
		text = strchr(text, ':');
		if (text != NULL)
			*text++ = '\0';
	} while (text != NULL && n < FIELDS);
	return n;
}

int
call_note_parse(const char *text, struct call_note *note)
{
	const char *fields[FIELDS];
	char copy[CALL_NOTE_MAX];
	int64_t priority;

	*note = (struct call_note){.priority = 0};
	if (text == NULL || strlen(text) >= sizeof(copy))
		return -1;
	strcpy(copy, text);
	if (is_id(copy)) {
		strcpy(note->id, copy);
		return 0;
	}
	if (split(copy, fields) != FIELDS || strcmp(fields[0], "1") != 0 || !is_id(fields[1]) ||
	    number(fields[2], -PRIORITY_MAX, PRIORITY_MAX, &priority) != 0 ||
	    number(fields[3], 1, INT64_MAX, &note->entered) != 0 || !text_is_name(fields[4])) {
		*note = (struct call_note){.priority = 0};
		return -1;
	}
	strcpy(note->id, fields[1]);
	strcpy(note->queue, fields[4]);
	note->priority = (int)priority;
	return 0;
}
