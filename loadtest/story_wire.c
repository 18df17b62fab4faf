/* SPDX-License-Identifier: BSD-2-Clause */

/* The SIP messages of a call. */

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "loadtest/story.h"
#include "loadtest/witness_sipp.h"

static const char by_wire[] = "wire";

void
story_wire_line(struct story *s, struct story_wire *wire, int64_t from_us, const char *line)
{
	long long sec;
	int usec, end = 0;

	if (wire->at != 0) {
		story_add(s, wire->at, by_wire, "%s > %s: %.*s", wire->from, wire->to,
			  (int)strcspn(line, "\r"), line);
		wire->at = 0;
	} else if (sscanf(line, "%lld.%6d %23s > %23s%n", &sec, &usec, wire->from, wire->to,
			  &end) == 4 &&
		   line[end] == '\0') {
		wire->at = sec * 1000000 + usec - from_us;
	}
}

/* "2026-11-23 23:38:36.466843", with any one character between the two, as if it were UTC. 0: it is
 * none. */
static int64_t
clock_time(const char *text)
{
	struct tm tm = {0};
	int usec, n = 0;

	if (sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%2d.%6d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &usec, &n) != 7 ||
	    n == 0)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)timegm(&tm) * 1000000 + usec;
}

bool
story_messages_zone(struct story_messages *m, const char *log_line)
{
	const char *tab = strchr(log_line, '\t');
	int64_t local = clock_time(log_line), at;

	tab = tab != NULL ? strchr(tab + 1, '\t') : NULL;
	at = tab != NULL ? witness_sipp_stamp(tab + 1) : 0;
	if (local == 0 || at == 0)
		return false;
	m->zone_us = local - at;
	return true;
}

/* "UDP message sent (440 bytes):", "TCP message received [256] bytes :" */
static bool
direction(const char *line, bool *sent)
{
	const char *rest = strstr(line, " message ");

	if (rest == NULL || rest - line > 4)
		return false;
	rest += strlen(" message ");
	*sent = strncmp(rest, "sent", 4) == 0;
	return *sent || strncmp(rest, "received", 8) == 0;
}

static const char *
header(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " ");
}

static void
take_header(struct story *s, struct story_messages *m, const char *line)
{
	const char *id = header(line, "Call-ID");
	char word[WITNESS_WORD_MAX];

	if (id == NULL)
		id = header(line, "i");
	if (id == NULL)
		return;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(id, " \t\r"), id);
	if (names_find(m->ids, word) != NAMES_NONE)
		story_add(s, m->at, m->witness, "%s %s", m->sent ? "sends" : "gets", m->first);
	m->state = STORY_MESSAGES_BODY;
}

void
story_messages_line(struct story *s, struct story_messages *m, int64_t from_us, const char *line)
{
	size_t dashes = strspn(line, "-");
	int64_t at = dashes > 40 && line[dashes] != '\0' ? clock_time(line + dashes + 1) : 0;

	if (at != 0) {
		m->at = at - m->zone_us - from_us;
		m->state = STORY_MESSAGES_BEGUN;
		return;
	}
	switch (m->state) {
	case STORY_MESSAGES_BEGUN:
		m->state = direction(line, &m->sent) ? STORY_MESSAGES_FIRST : STORY_MESSAGES_BODY;
		break;
	case STORY_MESSAGES_FIRST:
		if (*line == '\0' || *line == '\r')
			break;
		snprintf(m->first, sizeof(m->first), "%.*s", (int)strcspn(line, "\r"), line);
		m->state = STORY_MESSAGES_HEADERS;
		break;
	case STORY_MESSAGES_HEADERS:
		if (*line == '\0' || *line == '\r')
			m->state = STORY_MESSAGES_BODY;
		else
			take_header(s, m, line);
		break;
	case STORY_MESSAGES_BODY:
		break;
	}
}
