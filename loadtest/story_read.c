/* SPDX-License-Identifier: BSD-2-Clause */
#include "loadtest/story_read.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "loadtest/call_find.h"
#include "loadtest/dossier.h"
#include "loadtest/drop_file.h"
#include "loadtest/follow.h"
#include "loadtest/kit.h"
#include "loadtest/sipp.h"

struct hearing {
	struct story *story;
	int64_t from_us;
	const char *call;
	size_t heard;
};

static void
take_line(void *arg, const char *line)
{
	struct hearing *h = arg;

	h->heard += story_event_line(h->story, h->from_us, h->call, line) == 0;
}

struct wire {
	struct story *story;
	struct story_wire state;
	int64_t from_us;
};

static void
take_wire(void *arg, const char *line)
{
	struct wire *w = arg;

	story_wire_line(w->story, &w->state, w->from_us, line);
}

/* The messages of a dropped call, where they were kept. */
static void
tell_dropped(struct story *s, const struct judge *j, const char *dir, size_t caller)
{
	struct wire w = {.story = s, .from_us = j->evidence.from_us};
	char *path = drop_file_path(dir, call_name(j, caller, CALL_SIP_ID));
	struct follow f;

	follow_open(&f, path);
	follow_read(&f, take_wire, &w);
	follow_close(&f);
	free(path);
}

struct hearing_messages {
	struct story *story;
	struct story_messages state;
	int64_t from_us;
	bool zoned;
};

static void
take_zone(void *arg, const char *line)
{
	struct hearing_messages *h = arg;

	if (!h->zoned)
		h->zoned = story_messages_zone(&h->state, line);
}

static void
take_message(void *arg, const char *line)
{
	struct hearing_messages *h = arg;

	story_messages_line(h->story, &h->state, h->from_us, line);
}

static void
read_file(const char *dir, enum sipp_role role, int number, const char *suffix, follow_line *line,
	  void *arg)
{
	char *path = mem_printf("%s/%s-%d.%s", dir, sipp_name(role), number, suffix);
	struct follow f;

	follow_open(&f, path);
	follow_read(&f, line, arg);
	follow_close(&f);
	free(path);
}

/* What one role's SIPps sent and got of the call, where they wrote it down. */
static void
tell_messages(struct story *s, const struct judge *j, const char *dir, enum sipp_role role,
	      const struct names *ids)
{
	int i;

	for (i = 1; i <= KIT_PROCESSES_MAX; i++) {
		struct hearing_messages h = {.story = s, .from_us = j->evidence.from_us};

		h.state.ids = ids;
		h.state.witness = witness_sipp_names[role];
		read_file(dir, role, i, "log", take_zone, &h);
		if (h.zoned)
			read_file(dir, role, i, "msg", take_message, &h);
	}
}

/* As the ring had them, or, since a replay's SIPps write all of theirs, as these did: the ring has
 * also what the servers said to each other. */
static void
tell_wire(struct story *s, const struct judge *j, const char *dir, size_t caller)
{
	const struct verdict_links *links = &j->verdict.links;
	struct names callers = {0}, agents = {0};
	size_t before = s->count, leg;

	tell_dropped(s, j, dir, caller);
	if (s->count > before)
		return;
	names_set(&callers, call_name(j, caller, CALL_SIP_ID), 0);
	for (leg = links->first_leg[caller]; leg != NAMES_NONE; leg = links->next_leg[leg])
		names_set(&agents, evidence_text(&j->evidence, j->evidence.legs[leg].sip_id), 0);
	tell_messages(s, j, dir, SIPP_CALLERS, &callers);
	tell_messages(s, j, dir, SIPP_AGENTS, &agents);
	names_free(&callers);
	names_free(&agents);
}

void
story_read(struct story *s, const struct judge *j, const char *dir, size_t caller)
{
	struct hearing h = {
		.story = s, .from_us = j->evidence.from_us, .call = j->verdict.calls[caller].id};
	char *path = mem_printf("%s/" DOSSIER_EVENTS, dir);
	struct follow f;

	story_tell(s, &j->evidence, &j->verdict, caller);
	tell_wire(s, j, dir, caller);
	if (h.call != NULL) {
		follow_open(&f, path);
		follow_read(&f, take_line, &h);
		follow_close(&f);
	}
	/* Of an old part of a long run the whole stream may not have been kept. */
	if (h.heard == 0)
		story_mqsd_short(s, &j->evidence, caller);
	story_sort(s);
	free(path);
}
