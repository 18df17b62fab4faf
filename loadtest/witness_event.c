/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_event.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct news {
	int64_t at;
	const char *name;
	json_t *json;
};

static const char *
field(const struct news *news, const char *name)
{
	const char *s = json_string_value(json_object_get(news->json, name));

	return s != NULL ? s : "";
}

static void
set(char **slot, const char *text)
{
	if (*text == '\0')
		return;
	free(*slot);
	*slot = mem_dup(text);
}

static void
entered(struct evidence *e, struct told *told, const struct news *news)
{
	if (told->entered == 0)
		told->entered = news->at;
	set(&told->node, field(news, "node"));
	if (*field(news, "sip_call_id") != '\0')
		evidence_join(e, told, field(news, "sip_call_id"));
}

static void
bridged(struct evidence *e, struct told *told, const struct news *news)
{
	(void)e;
	told->bridged = news->at;
	set(&told->agent, field(news, "agent"));
	set(&told->leg, field(news, "leg"));
}

static void
ended(struct evidence *e, struct told *told, const struct news *news)
{
	(void)e;
	told->ended = news->at;
	set(&told->reason, field(news, "reason"));
}

static const struct told_row {
	const char *event;
	void (*take)(struct evidence *e, struct told *told, const struct news *news);
} told_rows[] = {
	{"call_entered", entered},
	{"call_bridged", bridged},
	{"call_ended", ended},
};

static int
refused(struct evidence *e, const struct news *news)
{
	struct refusal *r = evidence_refusal(e);

	r->at = news->at;
	set(&r->sip_id, field(news, "sip_call_id"));
	set(&r->reason, field(news, "reason"));
	return 0;
}

static int
take(struct evidence *e, const struct news *news)
{
	size_t i;

	if (strcmp(news->name, "call_refused") == 0)
		return refused(e, news);
	if (*field(news, "call") == '\0')
		return -1;
	for (i = 0; i < sizeof(told_rows) / sizeof(told_rows[0]); i++) {
		if (strcmp(told_rows[i].event, news->name) != 0)
			continue;
		told_rows[i].take(e, evidence_told(e, field(news, "call")), news);
		return 0;
	}
	return -1;
}

int
witness_event_line(struct evidence *e, const char *queue, int64_t from_us, const char *line)
{
	const char *tab = strchr(line, '\t'), *data = tab != NULL ? strchr(tab + 1, '\t') : NULL;
	struct news news;
	char *name;
	json_t *at;
	int rc = -1;

	if (data == NULL)
		return -1;
	name = mem_dup_len(tab + 1, (size_t)(data - tab - 1));
	news.name = name;
	news.json = json_loads(data + 1, JSON_ALLOW_NUL, NULL);
	at = json_object_get(news.json, "at");
	/* ms in the stream; a millisecond's middle, so that rounding favours neither side. */
	news.at = json_is_number(at) ? (int64_t)(json_number_value(at) * 1000) + 500 : 0;
	if (news.at >= from_us && news.at != 0 && strcmp(field(&news, "queue"), queue) == 0)
		rc = take(e, &news);
	json_decref(news.json);
	free(name);
	return rc;
}
