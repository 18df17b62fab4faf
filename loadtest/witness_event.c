/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/witness_event.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "loadtest/plan.h"

#define AT_MAX	     1e14 /* ms since the epoch: some thousand years; later is broken */
#define NAME_MAX_LEN 64

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

/* What an event leaves out stays as it was told before. */
static void
set(struct evidence *e, uint32_t *word, const char *text)
{
	if (*text != '\0')
		*word = evidence_word(e, text);
}

static void
entered(struct evidence *e, struct told *told, const struct news *news)
{
	uint32_t node = told->node;

	if (told->entered == 0)
		told->entered = news->at;
	set(e, &node, field(news, "node"));
	told->node = node;
	if (*field(news, "sip_call_id") != '\0')
		evidence_join(e, told, field(news, "sip_call_id"));
}

static void
bridged(struct evidence *e, struct told *told, const struct news *news)
{
	uint32_t agent = told->agent;

	told->bridged = news->at;
	told->adopted = false;
	set(e, &agent, field(news, "agent"));
	told->agent = agent;
	if (*field(news, "leg") != '\0')
		told->leg = evidence_number(e, field(news, "leg"));
}

/* Redis had forgotten the conversation, or the call itself, and the node shows it. */
static void
adopted(struct evidence *e, struct told *told, const struct news *news)
{
	int64_t since = json_integer_value(json_object_get(news->json, "bridged_ms"));
	struct numbered leg = evidence_number(e, field(news, "leg"));

	if (since == 0 || (told->bridged != 0 && evidence_same(told->leg, leg)))
		return;
	bridged(e, told, news);
	told->bridged = since * 1000 + 500 - e->from_us;
	told->adopted = true;
}

static void
ended(struct evidence *e, struct told *told, const struct news *news)
{
	uint32_t reason = told->reason;

	told->ended = news->at;
	set(e, &reason, field(news, "reason"));
	told->reason = reason;
	if (evidence_late(e, told))
		evidence_part(e, told);
}

static const struct told_row {
	const char *event;
	void (*take)(struct evidence *e, struct told *told, const struct news *news);
} told_rows[] = {
	{"call_entered", entered},
	{"call_bridged", bridged},
	{"call_adopted", adopted},
	{"call_ended", ended},
};

static int
refused(struct evidence *e, const struct news *news)
{
	struct refusal *r = evidence_refusal(e);

	r->at = news->at;
	r->sip_id = words_add(&e->words, WORD_CALLER, field(news, "sip_call_id"));
	r->reason = evidence_word(e, field(news, "reason"));
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
witness_event_line(struct evidence *e, const char *queue, struct checker *checker, const char *line)
{
	const char *tab = strchr(line, '\t'), *data = tab != NULL ? strchr(tab + 1, '\t') : NULL;
	struct news news = {.at = 0};
	char name[NAME_MAX_LEN], id[NAME_MAX_LEN];
	json_t *at;
	int rc = -1;

	if (data == NULL)
		return -1;
	snprintf(id, sizeof(id), "%.*s", (int)(tab - line), line);
	snprintf(name, sizeof(name), "%.*s", (int)(data - tab - 1), tab + 1);
	news.name = name;
	news.json = json_loads(data + 1, JSON_ALLOW_NUL, NULL);
	if (news.json != NULL && checker != NULL)
		checker_event(checker, id, news.json);
	at = json_object_get(news.json, "at");
	/* ms in the stream; a millisecond's middle, so that rounding favours neither side. */
	if (json_is_number(at) && json_number_value(at) > 0 && json_number_value(at) < AT_MAX)
		news.at = (int64_t)(json_number_value(at) * 1000) + 500 - e->from_us;
	if (news.at > 0 && plan_is_queue(queue, field(&news, "queue")))
		rc = take(e, &news);
	json_decref(news.json);
	return rc;
}
